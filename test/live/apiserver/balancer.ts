// The one address in front of several brokers: like a Service, it sends new connections to those that are ready.
import { connect, createServer, type Socket } from 'node:net';
import type { Broker } from '../support/broker.ts';

export interface Balancer {
  readonly port: number;
  /** Stands before these from now on; resolves when it knows which of them are ready. */
  use(brokers: readonly Broker[]): Promise<void>;
  stop(): Promise<void>;
}

/** As a kubelet would, but more often, so that a drain of five seconds is noticed five times over. */
const LOOK_EVERY_MS = 200;

/**
 * Passes each connection on to the next ready broker, or to one that is draining when there is no other. Open connections
 * stay where they are.
 */
export async function startBalancer(first: readonly Broker[]): Promise<Balancer> {
  let brokers = first;
  let ready = first;
  let turn = 0;
  const look = async (): Promise<void> => {
    const found = await Promise.all(
      brokers.map(async (broker) => ((await broker.readyz()).status === 200 ? broker : [])),
    );
    ready = found.flat().length > 0 ? found.flat() : brokers;
  };
  const timer = setInterval(() => void look(), LOOK_EVERY_MS);
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (client) => {
    turn += 1;
    const broker = ready[turn % ready.length];
    if (broker === undefined) {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect({ port: broker.webhookPort, host: '127.0.0.1', allowHalfOpen: true });
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(from.once('close', () => open.delete(from)));
      from.once('error', () => to.destroy());
      from.pipe(to);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    use: async (next) => {
      brokers = next;
      await look();
    },
    stop: async () => {
      clearInterval(timer);
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
