// An HTTP or HTTPS listener with the limits that a public door needs.

import { constants } from 'node:crypto';
import http, { type RequestListener, type ServerResponse } from 'node:http';
import { type AddressInfo, Server as NetServer, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import tls, { type SecureContextOptions, type TLSSocket, type TlsOptions } from 'node:tls';
import type { Address, ServerTls } from '../core/listening.ts';
import { PLAIN_TEXT, sendWhole } from '../http/answer.ts';
import type { StreamListener } from '../http/incoming.ts';
import { MAX_HEAD_BYTES, type MessageFault, messageFault } from '../http/message.ts';
import { type Connections, type Every, trackConnections } from './connections.ts';
import { type Sessions, trackSessions } from './sessions.ts';

export interface Listener {
  readonly address: Address;
  /**
   * New connections use it at once, open ones go on; those that were let in by another client CA or TLS floor end with their
   * next answer. Throws when the pair is unusable, and the old one stays.
   */
  setTls(tls: ServerTls): void;
  /** From now on every answer is the last one on its connection, those that are due already included. */
  retire(): void;
  /** Takes what has connected by now, then no new connections; those that are open may still send a request. */
  stopAccepting(): Promise<void>;
  /** Resolves when the last connection is gone. */
  readonly closed: Promise<void>;
  closeIdle(): void;
  /** Cuts every connection, those whose TLS handshake has not ended included. */
  closeAll(): void;
}

/** In milliseconds and bytes; a parameter of {@link listen} so that a test need not wait as long. */
export const LIMITS = {
  /** Of a TLS connection, before which none of the others counts. */
  handshakeTimeout: 10_000,
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  connectionsCheckingInterval: 1000,
  // Go keeps idle connections for 90 s, and does not repeat a POST on one that we closed.
  keepAliveTimeout: 120_000,
  maxHeaderSize: MAX_HEAD_BYTES,
};

/** Node's own run from the moment of connecting: who dials ahead would be answered 408 before the first request. */
const NOT_NODES = { headersTimeout: 0, requestTimeout: 0 };

export interface Handlers {
  /** Called for every request over HTTP/1. */
  readonly http1: RequestListener;
  /** Called for every one over HTTP/2; absent: it is not spoken, whatever the settings of TLS say. */
  readonly http2?: StreamListener;
}

/** Listens or rejects with the node error (`EADDRINUSE`, `EACCES`, …). */
export async function listen(
  address: Address,
  serverTls: ServerTls | undefined,
  { http1, http2 }: Handlers,
  limits: typeof LIMITS = LIMITS,
  every?: Every,
): Promise<Listener> {
  const connections = trackConnections(soundOnly(http1), limits, every);
  const sessions = http2 && trackSessions(http2, limits, every);
  const plain = http.createServer({ ...limits, ...NOT_NODES }, connections.serve);
  const secure = serverTls && secured(plain, serverTls, limits, sessions !== undefined);
  const server = secure?.server ?? plain;
  const closed = new Promise<void>((resolve) => server.once('close', () => resolve()));
  void closed.then(() => connections.close());
  void closed.then(() => sessions?.close());
  const sockets = trackSockets(server, connections, sessions);
  await listening(server, address);
  return {
    address: boundAddress(server.address(), address),
    setTls: (next) => secure?.set(next, () => sockets.retireOpen()),
    retire: () => sockets.retireAll(),
    stopAccepting: async () => {
      await sockets.acceptWaiting();
      // http.Server.close would also cut idle connections, on which a client may be sending at this very moment.
      NetServer.prototype.close.call(server);
    },
    closed,
    closeIdle: () => {
      connections.closeIdle();
      sessions?.closeIdle();
    },
    closeAll: () => sockets.destroy(),
  };
}

interface Secured {
  readonly server: tls.Server;
  /** `other` is called when whoever is connected might not be let in any more. */
  set(next: ServerTls, other: () => void): void;
}

/** What comes out of the handshake with HTTP/2 is not for `plain`; all else is. */
function secured(
  plain: http.Server,
  first: ServerTls,
  { handshakeTimeout }: typeof LIMITS,
  canHttp2: boolean,
): Secured {
  let inForce = first;
  const protocol = ({ protocols }: { readonly protocols: readonly string[] }): string | undefined =>
    protocolsOf(inForce, canHttp2).find((name) => protocols.includes(name));
  const server = tls.createServer({ ...tlsOptions(first), handshakeTimeout, noDelay: true, ALPNCallback: protocol });
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  server.on('secureConnection', (socket) => {
    if (!isHttp2(socket)) plain.emit('connection', socket);
  });
  return {
    server,
    set: (next, other) => {
      server.setSecureContext(contextOptions(next));
      const before = inForce;
      inForce = next;
      const letsInOthers = next.clientCA !== before.clientCA || next.minVersion !== before.minVersion;
      if (letsInOthers || next.http2 !== before.http2) other();
    },
  };
}

function protocolsOf({ http2 }: ServerTls, canHttp2: boolean): readonly string[] {
  return canHttp2 && http2 === true ? ['h2', 'http/1.1'] : ['http/1.1'];
}

function isHttp2(socket: Socket | TLSSocket): boolean {
  return 'alpnProtocol' in socket && socket.alpnProtocol === 'h2';
}

function listening(server: NetServer, { host, port }: Address): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      server.on('error', () => undefined);
      resolve();
    });
  });
}

/** As many connections as the kernel keeps waiting (node's default backlog). */
const BACKLOG = 511;

interface Sockets {
  acceptWaiting(): Promise<void>;
  /** Those that are open, in the middle of a handshake or past it, end with their next answer. */
  retireOpen(): void;
  /** The same for those that are still to come. */
  retireAll(): void;
  destroy(): void;
}

/** The connections below HTTP and TLS: http.Server knows none before its handshake has ended. */
function trackSockets(server: NetServer, connections: Connections, sessions: Sessions | undefined): Sockets {
  const open = new Map<string, { readonly socket: Socket; isRetired: boolean }>();
  let accepted = 0;
  let isEnding = false;
  server.on('connection', (socket: Socket) => {
    const peer = peerOf(socket);
    accepted += 1;
    open.set(peer, { socket, isRetired: isEnding });
    // Another connection may have come from the same port by then.
    socket.once('close', () => {
      if (open.get(peer)?.socket === socket) open.delete(peer);
    });
  });
  server.on(server instanceof tls.Server ? 'secureConnection' : 'connection', (socket: Socket) => {
    const kept = isHttp2(socket) ? sessions : connections;
    kept?.add(socket, open.get(peerOf(socket))?.isRetired);
  });
  const retireOpen = (): void => {
    for (const one of open.values()) one.isRetired = true;
    connections.retire();
    sessions?.retire();
  };
  return {
    acceptWaiting: () => acceptedAll(() => accepted),
    retireOpen,
    retireAll: () => {
      isEnding = true;
      retireOpen();
    },
    destroy: () => {
      for (const { socket } of open.values()) socket.destroy();
    },
  };
}

/** The same for a TCP connection and for the TLS connection over it. */
function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

/** Closing resets what waits in the backlog, and each turn of the event loop takes one connection from it. */
async function acceptedAll(accepted: () => number): Promise<void> {
  for (let before = -1, turns = 0; before !== accepted() && turns < BACKLOG; turns++) {
    before = accepted();
    // oxlint-disable-next-line no-await-in-loop -- each turn looks whether somebody came
    await turn();
  }
}

/** What is no sound HTTP/1 message reaches no route, and nothing behind it counts. */
function soundOnly(handler: RequestListener): RequestListener {
  return (request, response) => {
    const fault = messageFault(request);
    if (fault === undefined) handler(request, response);
    else refuse(response, fault);
  };
}

function refuse(response: ServerResponse, { status, line }: MessageFault): void {
  sendWhole(response, status, { Connection: 'close', 'Content-Type': PLAIN_TEXT }, `${line}\n`);
}

function tlsOptions(serverTls: ServerTls): TlsOptions {
  const mutual = serverTls.clientCA !== undefined;
  return { ...contextOptions(serverTls), requestCert: mutual, rejectUnauthorized: mutual };
}

/** The same for start and reload: a context without `ca` would refuse every client, one without floor would lower it. */
function contextOptions({ cert, key, clientCA, minVersion }: ServerTls): SecureContextOptions {
  return {
    cert,
    key: key.reveal(),
    ...(clientCA !== undefined && { ca: clientCA }),
    minVersion,
    ecdhCurve: 'X25519:P-256:P-384',
    // A ticket would outlive a change of the client CA, and kube-apiserver never resumes.
    secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
  };
}

function boundAddress(bound: AddressInfo | string | null, asked: Address): Address {
  return typeof bound === 'object' && bound !== null ? { host: asked.host, port: bound.port } : asked;
}
