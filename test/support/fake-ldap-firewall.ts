// Something between a client and a server that forgets connections: nothing goes through them any more, and neither side is told.

import { connect, createServer, type Socket } from 'node:net';

export interface Firewall {
  readonly port: number;
  /** Connections that are open now swallow everything from now on; new ones work. */
  forget(): void;
  /** Connections made so far. */
  accepted(): number;
  close(): Promise<void>;
}

/** Listens on a free loopback port and passes everything on to `targetPort`. */
export async function startFirewall(targetPort: number): Promise<Firewall> {
  let ways: { readonly forget: () => void; readonly close: () => void }[] = [];
  let accepted = 0;
  const server = createServer((near) => {
    accepted += 1;
    ways.push(createWay(near, connect(targetPort, 'localhost')));
  });
  await new Promise<void>((resolve) => void server.listen(0, 'localhost', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    forget: () => {
      for (const way of ways) way.forget();
    },
    accepted: () => accepted,
    close: async () => {
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
      for (const way of ways) way.close();
      ways = [];
      await closed;
    },
  };
}

function createWay(near: Socket, far: Socket) {
  let isForgotten = false;
  const passOn = (from: Socket, to: Socket): void => {
    from.on('data', (chunk: Buffer) => {
      if (!isForgotten) to.write(chunk);
    });
    from.on('end', () => {
      if (!isForgotten) to.end();
    });
    from.on('close', () => {
      if (!isForgotten) to.destroy();
    });
    from.on('error', () => from.destroy());
  };
  passOn(near, far);
  passOn(far, near);
  return {
    forget: () => {
      isForgotten = true;
    },
    close: () => {
      near.destroy();
      far.destroy();
    },
  };
}
