// A load generator that costs little itself: fixed request bytes over kept connections, one in flight on each.

import { connect, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';

export interface Target {
  readonly port: number;
  /** Client side of mutual TLS; absent: plain HTTP. */
  readonly tls?: ConnectionOptions;
}

export interface LoadResult {
  /** In milliseconds, sorted. */
  readonly latencies: readonly number[];
  /** Answers that were not a 200. */
  readonly failures: number;
}

export interface Load {
  readonly connections: number;
  readonly requests: number;
  /** The whole request of this number. */
  readonly request: (index: number) => Buffer;
}

/** Connections that stay open from one round to the next, so that no round pays for handshakes. */
export interface Connections {
  /** Rejects when a connection breaks. */
  send(load: Omit<Load, 'connections'>): Promise<LoadResult>;
  close(): void;
}

/** Sends `requests` over `connections` of their own; rejects when a connection breaks. */
export async function run(target: Target, { connections, ...load }: Load): Promise<LoadResult> {
  const opened = await connectAll(target, connections);
  try {
    return await opened.send(load);
  } finally {
    opened.close();
  }
}

export async function connectAll(target: Target, connections: number): Promise<Connections> {
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(target)));
  return {
    send: (load) => send(sockets, load),
    close: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}

async function send(sockets: readonly Socket[], { requests, request }: Omit<Load, 'connections'>): Promise<LoadResult> {
  const latencies: number[] = [];
  let next = 0;
  let failures = 0;
  const worker = async (socket: Socket): Promise<void> => {
    while (next < requests) {
      const index = next;
      next += 1;
      const startedMs = performance.now();
      // oxlint-disable-next-line no-await-in-loop -- one request in flight on each connection is the load
      const status = await exchange(socket, request(index));
      latencies.push(performance.now() - startedMs);
      if (status !== 200) failures += 1;
    }
  };
  await Promise.all(sockets.map(worker));
  return { latencies: latencies.toSorted((a, b) => a - b), failures };
}

/** A TokenReview as kube-apiserver writes it. */
export function tokenReviewBody(token: string, version = 'v1'): string {
  return `${JSON.stringify({
    kind: 'TokenReview',
    apiVersion: `authentication.k8s.io/${version}`,
    metadata: { creationTimestamp: null },
    spec: { token, audiences: ['https://kubernetes.default.svc'] },
    status: { user: {} },
  })}\n`;
}

/** An HTTP POST of it, as kube-apiserver sends it. */
export function tokenReviewRequest(path: string, token: string, version = 'v1'): Buffer {
  const body = tokenReviewBody(token, version);
  const head = [
    `POST ${path}?timeout=30s HTTP/1.1`,
    'Host: 127.0.0.1',
    'User-Agent: Go-http-client/1.1',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Accept: application/json, */*',
    'Content-Type: application/json',
    'Accept-Encoding: gzip',
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
}

function open({ port, tls }: Target): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = tls === undefined ? connect(port, '127.0.0.1') : connectTls({ ...tls, port, host: '127.0.0.1' });
    socket.setNoDelay(true);
    socket.once(tls === undefined ? 'connect' : 'secureConnect', () => resolve(socket));
    socket.once('error', reject);
  });
}

function exchange(socket: Socket, request: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    let text = '';
    const onData = (chunk: Buffer): void => {
      text += chunk.toString('latin1');
      const head = text.indexOf('\r\n\r\n');
      if (head === -1) return;
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
      if (text.length < head + 4 + length) return;
      socket.off('data', onData);
      socket.off('close', onClose);
      resolve(Number(text.slice(9, 12)));
    };
    const onClose = (): void => reject(new Error('the connection was closed'));
    socket.on('data', onData);
    socket.once('close', onClose);
    socket.write(request);
  });
}
