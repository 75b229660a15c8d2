// The first steps of `check --connect` at any upstream: resolve the name, connect, and look at the TLS certificate.

import { lookup } from 'node:dns/promises';
import { addAbortListener } from 'node:events';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { unlessAborted } from '../../async/unless-aborted.ts';
import type { ProbeReport, ProbeStep } from '../../core/provider.ts';
import { errorCode } from '../../text/error-code.ts';
import { describeCertificate, describeTlsFault } from './certificate-words.ts';
import { CONNECT_TIMEOUT_MS } from './client.ts';
import { outageOf } from './errors.ts';
import { describeFault } from './fault-words.ts';
import type { UpstreamTls } from './tls.ts';
import { tlsWithContext } from './tls.ts';

export interface TransportTarget {
  /** Name or address, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  /** Whether TLS starts at once, and with what. */
  readonly tls: UpstreamTls | false;
}

/** The transport below an http or https URL. */
export function transportOf(url: URL, tls: UpstreamTls | undefined): TransportTarget {
  const isTls = url.protocol === 'https:';
  const port = url.port === '' ? (isTls ? 443 : 80) : Number(url.port);
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port, tls: isTls && (tls ?? {}) };
}

/**
 * Reports a step each for resolving, connecting and TLS, up to the first that fails; true when all went well. Sends no
 * byte of any application protocol and never throws. One second per step.
 */
export async function probeTransport(
  target: TransportTarget,
  report: ProbeReport,
  signal: AbortSignal,
): Promise<boolean> {
  const { host, port, tls } = target;
  const where = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  if (isIP(host) === 0 && !(await step(report, `resolve ${host}`, () => resolved(host, signal)))) return false;
  let socket: Socket | undefined;
  try {
    const connected = await step(report, `connect to ${where}`, async () => {
      socket = connectTcp({ host, port });
      await event(socket, 'connect', signal);
      return { detail: `from ${socket.localAddress ?? ''} to ${socket.remoteAddress ?? ''}` };
    });
    if (!connected || socket === undefined || tls === false) return connected;
    const tcp = socket;
    return await step(report, `TLS with ${where}`, () => handshake(tcp, host, tls, signal));
  } finally {
    socket?.destroy();
  }
}

const failedTls = { result: 'failed', reason: 'tls-failed' } as const;

type Outcome = Omit<ProbeStep, 'step' | 'result'> & { readonly result?: ProbeStep['result'] };

async function step(report: ProbeReport, name: string, run: () => Promise<Outcome>): Promise<boolean> {
  const outcome = await run().catch((error: unknown) => failedStep(error, name));
  report({ step: name, result: 'ok', ...outcome });
  return outcome.result !== 'failed';
}

function failedStep(error: unknown, name: string): Outcome {
  const fault = outageOf(error, name);
  const { reason, detail = reason } = fault;
  return { result: 'failed', reason, detail: describeFault(fault, errorCode(fault.cause) ?? detail) };
}

async function resolved(host: string, signal: AbortSignal): Promise<Outcome> {
  const patience = AbortSignal.any([signal, AbortSignal.timeout(CONNECT_TIMEOUT_MS)]);
  const addresses = await unlessAborted(lookup(host, { all: true }), patience, () => undefined);
  if (addresses === undefined) throw patience.reason;
  return { detail: addresses.map(({ address }) => address).join(', ') };
}

/** Verifies by looking instead of by failing, so that a bad certificate can be described. */
async function handshake(socket: Socket, host: string, tls: UpstreamTls, signal: AbortSignal): Promise<Outcome> {
  const secure: TLSSocket = connectTls({
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...tlsWithContext(tls),
    host,
    socket,
    rejectUnauthorized: false,
  });
  try {
    await event(secure, 'secureConnect', signal);
    const certificate = secure.getPeerX509Certificate();
    if (certificate === undefined) return { ...failedTls, detail: 'the upstream presents no certificate' };
    if (secure.authorized) return describeCertificate(certificate, secure.getProtocol() ?? 'TLS');
    const expected = tls.serverName ?? host;
    return { ...failedTls, detail: describeTlsFault(String(secure.authorizationError), certificate, expected) };
  } finally {
    secure.destroy();
  }
}

function event(socket: Socket, name: 'connect' | 'secureConnect', signal: AbortSignal): Promise<void> {
  const patience = AbortSignal.any([signal, AbortSignal.timeout(CONNECT_TIMEOUT_MS)]);
  return new Promise((resolve, reject) => {
    const listener = addAbortListener(patience, () => socket.destroy(patience.reason));
    socket.once(name, resolve);
    socket.once('error', reject);
    socket.once('close', () => {
      listener[Symbol.dispose]();
      reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' }));
    });
  });
}
