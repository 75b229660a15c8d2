// A TCP proxy that misbehaves on command, between a client under test and a real server.
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** What happens to new connections, and to what the server sends on open ones. */
export type Fault =
  | { readonly kind: 'pass' }
  /** Nobody listens: connecting is refused. Open connections are reset. */
  | { readonly kind: 'refuse' }
  /** Accepted, and then nothing: bytes of either side are recorded and thrown away. */
  | { readonly kind: 'hang' }
  /** The server's answer arrives one byte per `everyMs`. */
  | { readonly kind: 'drip'; readonly everyMs: number }
  /** A TCP reset after `afterBytes` bytes of the server's answer, per connection. */
  | { readonly kind: 'reset'; readonly afterBytes: number }
  /** Every second new connection is closed at once, starting with the first. */
  | { readonly kind: 'closeHalf' }
  /** The server's answer arrives `delayMs` later. */
  | { readonly kind: 'delay'; readonly delayMs: number };

export interface FaultyProxy {
  readonly port: number;
  /** Counts for connections that are open now too; `refuse` also stops listening until the next `set`. */
  set(fault: Fault): Promise<void>;
  /** Connections accepted since the start. */
  connections(): number;
  openConnections(): number;
  /** What clients sent, in order of arrival; about the first 4 MiB. */
  sentByClients(): Buffer;
  sentByServer(): Buffer;
  /** Resets every open connection; new ones are welcome. */
  resetAll(): void;
  stop(): Promise<void>;
}

const RECORDED_BYTES = 4 * 1024 * 1024;

interface Traffic {
  fault: Fault;
  accepted: number;
  readonly clients: Set<Socket>;
  readonly up: Recording;
  readonly down: Recording;
}

/** Listens on a free loopback port and passes everything to `upstreamPort` until told otherwise. */
export async function startFaultyProxy(upstreamPort: number): Promise<FaultyProxy> {
  const traffic: Traffic = {
    fault: { kind: 'pass' },
    accepted: 0,
    clients: new Set(),
    up: newRecording(),
    down: newRecording(),
  };
  const newServer = () =>
    createServer({ allowHalfOpen: true }, (client) => accept(traffic, client, upstreamPort)).unref();
  let server = newServer();
  const port = await listen(server, 0);
  const resetAll = () => {
    for (const client of traffic.clients) client.resetAndDestroy();
  };
  const close = async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    resetAll();
    await closed;
  };
  return {
    port,
    set: async (fault) => {
      const wasRefusing = traffic.fault.kind === 'refuse';
      traffic.fault = fault;
      if (fault.kind === 'refuse' && !wasRefusing) await close();
      if (fault.kind !== 'refuse' && wasRefusing) {
        server = newServer();
        await listen(server, port);
      }
    },
    connections: () => traffic.accepted,
    openConnections: () => traffic.clients.size,
    sentByClients: () => traffic.up.bytes(),
    sentByServer: () => traffic.down.bytes(),
    resetAll,
    stop: close,
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}

function accept(traffic: Traffic, client: Socket, upstreamPort: number): void {
  traffic.accepted += 1;
  traffic.clients.add(client);
  client.on('close', () => traffic.clients.delete(client));
  client.on('error', () => client.destroy());
  if (traffic.fault.kind === 'closeHalf' && traffic.accepted % 2 === 1) {
    client.destroy();
    return;
  }
  const upstream = connect({ port: upstreamPort, host: '127.0.0.1', allowHalfOpen: true });
  upstream.on('error', () => client.resetAndDestroy());
  client.on('close', () => upstream.destroy());
  pump(client, upstream, async (chunk) => {
    traffic.up.add(chunk);
    if (traffic.fault.kind !== 'hang') await send(upstream, chunk);
  });
  let answeredBytes = 0;
  pump(upstream, client, async (chunk) => {
    traffic.down.add(chunk);
    await answer(traffic.fault, client, chunk, answeredBytes);
    answeredBytes += chunk.length;
  });
}

/** One chunk after the other, so that a slow one is not overtaken; then passes the end on. */
function pump(from: Socket, to: Socket, pass: (chunk: Buffer) => Promise<void>): void {
  from.on('data', (chunk: Buffer) => {
    from.pause();
    void pass(chunk).then(() => from.resume());
  });
  from.on('end', () => to.end());
}

/** Resolves when the bytes are with the kernel or the socket is gone; a fast sender fills no memory. */
function send(to: Socket, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    if (to.destroyed) resolve();
    else to.write(bytes, () => resolve());
  });
}

async function answer(fault: Fault, client: Socket, chunk: Buffer, answeredBytes: number): Promise<void> {
  switch (fault.kind) {
    case 'hang':
    case 'refuse':
      return;
    case 'drip':
      for (const byte of chunk) {
        if (client.destroyed) return;
        // oxlint-disable-next-line no-await-in-loop -- slowness is the purpose
        await send(client, Uint8Array.of(byte));
        // oxlint-disable-next-line no-await-in-loop -- slowness is the purpose
        await delay(fault.everyMs, undefined, { ref: false });
      }
      return;
    case 'reset':
      await send(client, chunk.subarray(0, Math.max(0, fault.afterBytes - answeredBytes)));
      if (answeredBytes + chunk.length >= fault.afterBytes) client.resetAndDestroy();
      return;
    case 'delay':
      await delay(fault.delayMs, undefined, { ref: false });
      await send(client, chunk);
      return;
    case 'pass':
    case 'closeHalf':
      await send(client, chunk);
  }
}

interface Recording {
  add(chunk: Buffer): void;
  bytes(): Buffer;
}

function newRecording(): Recording {
  const chunks: Buffer[] = [];
  let length = 0;
  return {
    add: (chunk) => {
      if (length >= RECORDED_BYTES) return;
      chunks.push(chunk);
      length += chunk.length;
    },
    bytes: () => Buffer.concat(chunks),
  };
}
