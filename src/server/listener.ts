// An HTTP or HTTPS listener with the limits that a public door needs.

import { constants } from 'node:crypto';
import http, { type RequestListener, type ServerResponse } from 'node:http';
import https from 'node:https';
import { type AddressInfo, Server as NetServer, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import type { SecureContextOptions, TlsOptions } from 'node:tls';
import type { Address, ServerTls } from '../core/listening.ts';
import { PLAIN_TEXT, sendWhole } from '../http/answer.ts';
import { type MessageFault, messageFault } from '../http/message.ts';
import { type Connections, type Every, trackConnections } from './connections.ts';

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
  maxHeaderSize: 16 * 1024,
};

/** Node's own run from the moment of connecting: who dials ahead would be answered 408 before the first request. */
const NOT_NODES = { headersTimeout: 0, requestTimeout: 0 };

/** Listens or rejects with the node error (`EADDRINUSE`, `EACCES`, …). `handler` is called for every request. */
export async function listen(
  address: Address,
  tls: ServerTls | undefined,
  handler: RequestListener,
  limits: typeof LIMITS = LIMITS,
  every?: Every,
): Promise<Listener> {
  const connections = trackConnections(soundOnly(handler), limits, every);
  const server =
    tls === undefined
      ? http.createServer({ ...limits, ...NOT_NODES }, connections.serve)
      : https.createServer({ ...limits, ...NOT_NODES, ...tlsOptions(tls) }, connections.serve);
  const closed = new Promise<void>((resolve) => server.once('close', () => resolve()));
  void closed.then(() => connections.close());
  const sockets = trackSockets(server, connections);
  await listening(server, address);
  return {
    address: boundAddress(server.address(), address),
    setTls: tlsSetter(server, tls, () => sockets.retireOpen()),
    retire: () => sockets.retireAll(),
    stopAccepting: async () => {
      await sockets.acceptWaiting();
      // http.Server.close would also cut idle connections, on which a client may be sending at this very moment.
      NetServer.prototype.close.call(server);
    },
    closed,
    closeIdle: () => server.closeIdleConnections(),
    closeAll: () => sockets.destroy(),
  };
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

/** `other` is called when whoever is connected might not be let in any more. */
function tlsSetter(server: NetServer, first: ServerTls | undefined, other: () => void): Listener['setTls'] {
  let inForce = first;
  return (next) => {
    if (!(server instanceof https.Server)) return;
    server.setSecureContext(contextOptions(next));
    const before = inForce;
    inForce = next;
    if (next.clientCA !== before?.clientCA || next.minVersion !== before?.minVersion) other();
  };
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
function trackSockets(server: NetServer, connections: Connections): Sockets {
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
  server.on(server instanceof https.Server ? 'secureConnection' : 'connection', (socket: Socket) => {
    connections.add(socket, open.get(peerOf(socket))?.isRetired);
  });
  const retireOpen = (): void => {
    for (const one of open.values()) one.isRetired = true;
    connections.retire();
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

function tlsOptions(tls: ServerTls): TlsOptions {
  const mutual = tls.clientCA !== undefined;
  // One HTTP/2 connection would pin an API server to one replica, and Express cannot serve it.
  return { ...contextOptions(tls), requestCert: mutual, rejectUnauthorized: mutual, ALPNProtocols: ['http/1.1'] };
}

/** The same for start and reload: a context without `ca` would refuse every client, one without floor would lower it. */
function contextOptions(tls: ServerTls): SecureContextOptions {
  return {
    cert: tls.cert,
    key: tls.key.reveal(),
    ...(tls.clientCA !== undefined && { ca: tls.clientCA }),
    minVersion: tls.minVersion,
    ecdhCurve: 'X25519:P-256:P-384',
    // A ticket would outlive a change of the client CA, and kube-apiserver never resumes.
    secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
  };
}

function boundAddress(bound: AddressInfo | string | null, asked: Address): Address {
  return typeof bound === 'object' && bound !== null ? { host: asked.host, port: bound.port } : asked;
}
