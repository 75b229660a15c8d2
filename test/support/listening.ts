// A server of any protocol on a free loopback port, whose listener can go away and come back.

import type { Server, Socket } from 'node:net';
import { until } from './settled.ts';

export interface Listening {
  readonly port: number;
  /** Connections so far. */
  accepted(): number;
  /** Connections open now. */
  connections(): number;
  /** Ends all connections and resolves once the other side has noticed, or was made to. */
  endConnections(): Promise<void>;
  /** Ends all connections and refuses new ones. */
  close(): Promise<void>;
  /** Listens at the same port again, if it does not. */
  reopen(): Promise<void>;
}

const PATIENCE_MS = 300;

export async function listenOn(server: Server): Promise<Listening> {
  const sockets = new Set<Socket>();
  let accepted = 0;
  server.on('connection', (socket) => {
    accepted += 1;
    sockets.add(socket.once('close', () => sockets.delete(socket)));
  });
  const port = await listen(server, 0);
  const endConnections = async () => {
    for (const socket of sockets) socket.end();
    await until('connections end', () => sockets.size === 0, PATIENCE_MS).catch(() => undefined);
    for (const socket of sockets) socket.destroy();
  };
  return {
    port,
    accepted: () => accepted,
    connections: () => sockets.size,
    endConnections,
    close: async () => {
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
      await endConnections();
      await closed;
    },
    reopen: async () => {
      if (!server.listening) await listen(server, port);
    },
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, 'localhost', () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}
