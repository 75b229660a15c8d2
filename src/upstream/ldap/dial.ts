// Opens a connection to a directory server: TCP, StartTLS where asked for, TLS. No password can travel in clear by accident.

import { connect, isIP, type Socket } from 'node:net';
import { type SecureContext, connect as tlsConnect } from 'node:tls';
import { type Unavailable, unavailable } from '../../core/verdict.ts';
import { createFramer, type Framed } from './ber.ts';
import { closedFault, type Limit, type Outcome, type Phase, socketFault, timeoutFault } from './fault.ts';
import { decodeResponse, encodeStartTls } from './message.ts';
import { describeResult, RESULT } from './result.ts';

/** One server. */
export interface LdapUrl {
  /** As log lines and errors name it: scheme, host and port. */
  readonly href: string;
  /** `ldaps`: TLS from the first byte. */
  readonly secure: boolean;
  /** Without the brackets of an IPv6 address. */
  readonly host: string;
  readonly port: number;
}

/** The address, or a sentence that says what is wrong with it. */
export function parseLdapUrl(text: string): LdapUrl | string {
  const url = URL.parse(text);
  if (url === null || !/^ldaps?:$/.test(url.protocol)) return 'must be an address such as ldaps://dc1.corp.example:636';
  if (url.username !== '' || url.password !== '') return 'must not contain a user or a password; use bind';
  if (!/^\/?$/.test(url.pathname) || url.search !== '' || url.hash !== '') {
    return 'must end after the host and port; write base DN, scope and filter under userSearch';
  }
  const host = url.hostname.replace(/^\[(?<inner>.*)\]$/, '$<inner>');
  if (isIP(host) === 0 && !/^[A-Za-z0-9._-]+$/.test(host)) return 'must name a host';
  const secure = url.protocol === 'ldaps:';
  const port = url.port === '' ? (secure ? 636 : 389) : Number(url.port);
  if (port === 0) return 'must not have port 0';
  return { href: `${url.protocol}//${isIP(host) === 6 ? `[${host}]` : host}:${port}`, secure, host, port };
}

/** The longest wait for each of: TCP connection, StartTLS exchange, TLS handshake. */
export const CONNECT_TIMEOUT_MS = 1000;
const START_TLS_ANSWER_BYTES = 4096;
const START_TLS_ID = 1;

export interface DialTarget {
  readonly url: LdapUrl;
  /** Upgrade an `ldap://` connection before anything else is sent. */
  readonly startTLS: boolean;
  readonly tls: TlsSettings;
}

export interface TlsSettings {
  /** Authorities and client certificate; made once, because making it costs as much as a handshake. */
  readonly context: SecureContext | undefined;
  /** The name that the server's certificate must carry, instead of the host of the address. */
  readonly serverName: string | undefined;
}

export interface Dialled {
  readonly kind: 'dialled';
  readonly socket: Socket;
  /** The password does not travel in clear. */
  readonly encrypted: boolean;
}

/** `resolve` of names only; what was found is told. */
export type DialStep = 'resolve' | 'connect' | 'StartTLS' | 'TLS';

/** Connects; `onStep` hears of every step that succeeded. On failure nothing stays open. */
export async function dial(
  target: DialTarget,
  limit: Limit,
  onStep?: (step: DialStep, found?: string) => void,
): Promise<Outcome<Dialled>> {
  const { url } = target;
  const socket = connect({ host: url.host, port: url.port, noDelay: true, keepAlive: true });
  const addresses: string[] = [];
  socket.on('lookup', (error: Error | null, address: string) => void (error === null && addresses.push(address)));
  const notConnected = await settled(socket, 'connect', url, limit);
  if (addresses.length > 0) onStep?.('resolve', addresses.join(', '));
  if (notConnected !== undefined) return notConnected;
  onStep?.('connect');
  if (!url.secure && !target.startTLS) return { kind: 'dialled', socket, encrypted: false };
  if (!url.secure) {
    const refused = await startTls(socket, url, limit);
    if (refused !== undefined) return refused;
    onStep?.('StartTLS');
  }
  return await handshake(socket, target, limit, onStep);
}

async function handshake(
  plain: Socket,
  target: DialTarget,
  limit: Limit,
  onStep?: (step: DialStep) => void,
): Promise<Outcome<Dialled>> {
  const name = target.tls.serverName ?? target.url.host;
  const socket = tlsConnect({
    socket: plain,
    secureContext: target.tls.context,
    host: name,
    // Said aloud because NODE_TLS_REJECT_UNAUTHORIZED in the environment would otherwise turn verification off.
    rejectUnauthorized: true,
    ...(isIP(name) === 0 ? { servername: name } : {}),
  });
  const failed = await settled(socket, 'secureConnect', target.url, limit);
  if (failed !== undefined) {
    plain.destroy();
    return failed;
  }
  onStep?.('TLS');
  return { kind: 'dialled', socket, encrypted: true };
}

/**
 * The StartTLS exchange on the bare socket (RFC 4511 §4.14). A byte after the answer would have been written by somebody
 * on the way and be believed after the handshake (CVE-2011-0411 in SMTP), so it ends the connection.
 */
async function startTls(socket: Socket, url: LdapUrl, limit: Limit): Promise<Unavailable | undefined> {
  const framer = createFramer(START_TLS_ANSWER_BYTES);
  let verdict: Unavailable | undefined;
  const onData = (chunk: Buffer): void => {
    const framed = framer.push(chunk);
    if (framed.kind === 'frames' && framed.frames.length === 0) return;
    verdict = answerFault(framed, framer.pendingBytes(), url);
    socket.pause();
    socket.emit('startTlsAnswered');
  };
  socket.on('data', onData);
  socket.write(encodeStartTls(START_TLS_ID));
  const failed = await settled(socket, 'startTlsAnswered', url, limit);
  socket.off('data', onData);
  if (failed === undefined && verdict !== undefined) socket.destroy();
  return failed ?? verdict;
}

function answerFault(framed: Framed, trailingBytes: number, { href }: LdapUrl): Unavailable | undefined {
  if (framed.kind === 'oversize') return unavailable('oversize-answer', `${href}: the answer to StartTLS is too large`);
  const [frame, ...more] = framed.kind === 'frames' ? framed.frames : [];
  const answer = frame === undefined ? undefined : decodeResponse(frame);
  if (answer?.op !== 'extended' || answer.id !== START_TLS_ID) {
    return unavailable('malformed-answer', `${href}: the answer to StartTLS is not LDAP`);
  }
  if (more.length > 0 || trailingBytes > 0) {
    return unavailable(
      'tls-failed',
      `${href}: bytes in clear after the answer to StartTLS; somebody may be on the way`,
    );
  }
  const { code } = answer.result;
  if (code === RESULT.success) return undefined;
  const reason = TROUBLE.has(code) ? 'directory-error' : 'tls-failed';
  return unavailable(reason, `${href}: the server refuses StartTLS: ${describeResult({ code })}`);
}

/** The server is in trouble; any other code means that it has no StartTLS. */
const TROUBLE: ReadonlySet<number> = new Set([RESULT.operationsError, RESULT.busy, RESULT.unavailable, RESULT.other]);

type Milestone = 'connect' | 'secureConnect' | 'startTlsAnswered';
const PHASES: Readonly<Record<Milestone, { readonly phase: Phase; readonly what: string }>> = {
  connect: { phase: 'connect', what: 'connecting' },
  secureConnect: { phase: 'tls', what: 'the TLS handshake' },
  startTlsAnswered: { phase: 'use', what: 'the answer to StartTLS' },
};

/** Waits for one event of a socket; undefined when it came, else the fault, the socket destroyed. */
function settled(
  socket: Socket,
  milestone: Milestone,
  url: LdapUrl,
  { signal, timeoutMs }: Limit,
): Promise<Unavailable | undefined> {
  const { phase, what } = PHASES[milestone];
  return new Promise((resolve) => {
    const finish = (fault: Unavailable | undefined): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onTimeout);
      socket.off(milestone, onReached).off('close', onClose);
      if (fault === undefined) socket.off('error', onError);
      else socket.off('error', onError).on('error', ignore).destroy();
      resolve(fault);
    };
    const onReached = (): void => finish(undefined);
    const onTimeout = (): void => finish(timeoutFault(what, url.href));
    const onError = (error: unknown): void => finish(socketFault(error, phase, url.href));
    const onClose = (): void => finish(closedFault(phase, url.href));
    const timer = setTimeout(onTimeout, Math.min(timeoutMs, CONNECT_TIMEOUT_MS));
    socket.once(milestone, onReached).once('error', onError).once('close', onClose);
    if (signal.aborted) onTimeout();
    else signal.addEventListener('abort', onTimeout, { once: true });
  });
}

function ignore(): void {
  // The fault is known already; a second error of a destroyed socket has nobody to tell.
}
