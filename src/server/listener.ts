// An HTTP or HTTPS listener with the limits that a public door needs.

import { constants } from 'node:crypto';
import http, { type RequestListener } from 'node:http';
import https from 'node:https';
import { type AddressInfo, Server as NetServer, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import type { SecureContextOptions, TlsOptions } from 'node:tls';
import type { Address, ServerTls } from '../core/listening.ts';

export interface Listener {
  readonly address: Address;
  /** New connections use it at once, open ones go on; throws when the pair is unusable, and the old one stays. */
  setTls(tls: ServerTls): void;
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

/** Listens or rejects with the node error (`EADDRINUSE`, `EACCES`, …). `handler` is called for every request. */
export async function listen(
  address: Address,
  tls: ServerTls | undefined,
  handler: RequestListener,
  limits: typeof LIMITS = LIMITS,
): Promise<Listener> {
  const server =
    tls === undefined
      ? http.createServer(limits, handler)
      : https.createServer({ ...limits, ...tlsOptions(tls) }, handler);
  const closed = new Promise<void>((resolve) => server.once('close', () => resolve()));
  const connections = trackConnections(server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(address.port, address.host, () => {
      server.off('error', reject);
      server.on('error', () => undefined);
      resolve();
    });
  });
  return {
    address: boundAddress(server.address(), address),
    setTls: (next) => {
      if (server instanceof https.Server) server.setSecureContext(contextOptions(next));
    },
    stopAccepting: async () => {
      await connections.acceptWaiting();
      // http.Server.close would also cut idle connections, on which a client may be sending at this very moment.
      NetServer.prototype.close.call(server);
    },
    closed,
    closeIdle: () => server.closeIdleConnections(),
    closeAll: () => connections.destroy(),
  };
}

/** As many connections as the kernel keeps waiting (node's default backlog). */
const BACKLOG = 511;

/** The connections below HTTP and TLS: http.Server knows none before its handshake has ended. */
function trackConnections(server: NetServer): { acceptWaiting(): Promise<void>; destroy(): void } {
  const open = new Set<Socket>();
  let accepted = 0;
  server.on('connection', (socket: Socket) => {
    accepted += 1;
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  return {
    acceptWaiting: async () => {
      // Closing resets what waits in the backlog, and each turn of the event loop takes one connection from it.
      for (let before = -1, turns = 0; before !== accepted && turns < BACKLOG; turns++) {
        before = accepted;
        // oxlint-disable-next-line no-await-in-loop -- each turn looks whether somebody came
        await turn();
      }
    },
    destroy: () => {
      for (const socket of open) socket.destroy();
    },
  };
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
