// Turns what goes wrong between the broker and a directory into the outage reasons of the core.

import { describeReason, type OutageReason } from '../../core/reasons.ts';
import { type Unavailable, unavailable } from '../../core/verdict.ts';
import { errorCode } from '../../text/error-code.ts';

/** How long one step may take, and what ends it before: every wait on a directory has both. */
export interface Limit {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

/** `onOver` has to bring the result about when the limit is over before. Leaves no timer behind. */
export async function unlessOver<T>(
  { signal, timeoutMs }: Limit,
  result: T | Promise<T>,
  onOver: () => void,
): Promise<T> {
  const timer = setTimeout(onOver, timeoutMs);
  signal.addEventListener('abort', onOver, { once: true });
  try {
    return await result;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onOver);
  }
}

/** A value that has a `kind` of its own, or the outage that kept it from coming. */
export type Outcome<T> = T | Unavailable;

/** Phases of a connection, because one error code means different things in different phases. */
export type Phase = 'connect' | 'tls' | 'use';

const REASONS: Readonly<Record<string, OutageReason>> = {
  ECONNREFUSED: 'connection-refused',
  ETIMEDOUT: 'timeout',
  ENOTFOUND: 'name-resolution',
  EAI_AGAIN: 'name-resolution',
  EAI_FAIL: 'name-resolution',
  EAI_NODATA: 'name-resolution',
  EAI_NONAME: 'name-resolution',
};

/**
 * The outage behind a socket error; `where` is the address as the operator wrote it. The error itself is not kept: only its
 * code, and its words during the TLS handshake, while nothing but certificates has been exchanged.
 */
export function socketFault(error: unknown, phase: Phase, where: string): Unavailable {
  const code = errorCode(error) ?? 'no error code';
  const words = error instanceof Error && phase === 'tls' ? handshakeWords(error, code) : '';
  const reason = phase === 'tls' && code !== 'ETIMEDOUT' ? 'tls-failed' : (REASONS[code] ?? 'connection-failed');
  return unavailable(reason, `${where}: ${code}${words}`, { code });
}

export function closedFault(phase: Phase, where: string): Unavailable {
  return unavailable(
    phase === 'tls' ? 'tls-failed' : 'connection-failed',
    `${where}: the server closed the connection`,
  );
}

export function timeoutFault(what: string, where: string): Unavailable {
  return unavailable('timeout', `${where}: ${what} took too long`);
}

/** Counts against the server's health: it could not be reached or did not answer. */
export function isTransportFault(fault: Unavailable): boolean {
  return describeReason(fault.reason).transport === true;
}

/** `reason` is what OpenSSL or node:tls says; after `;` Node tells how to run Node; words of system calls repeat the code. */
function handshakeWords(error: Error, code: string): string {
  const said = 'reason' in error && typeof error.reason === 'string' ? error.reason : error.message;
  const words = said.split(/[;\n]/, 1)[0]?.slice(0, 200) ?? '';
  return words === '' || 'syscall' in error ? '' : `: ${words.replace(`${code}: `, '')}`;
}
