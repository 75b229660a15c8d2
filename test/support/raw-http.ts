// Speaks HTTP by hand, for requests that no client would send and connections that break in the middle.

import { connect, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { until } from './settled.ts';

export interface RawConnection {
  readonly socket: Socket;
  /** Everything received so far, as Latin-1. */
  received(): string;
  write(text: string | Buffer): void;
  /** Resolves to what was received once the server closed the connection; errors count as closing. */
  closed(withinMs?: number): Promise<string>;
  /** Resolves once so many whole answers with a Content-Length are there. */
  answers(count: number): Promise<readonly RawAnswer[]>;
}

export interface RawAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** Connects to a loopback port, with TLS when asked to. */
export async function rawConnection(port: number, tls?: ConnectionOptions): Promise<RawConnection> {
  const socket = tls === undefined ? connect(port, '127.0.0.1') : connectTls({ port, host: '127.0.0.1', ...tls });
  let text = '';
  let isClosed = false;
  let failure: unknown;
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    text += chunk;
  });
  socket.on('error', (error) => {
    failure = error;
  });
  socket.on('close', () => {
    isClosed = true;
  });
  await new Promise<void>((resolve, reject) => {
    socket.once(tls === undefined ? 'connect' : 'secureConnect', () => resolve());
    socket.once('close', () => reject(failure instanceof Error ? failure : new Error('closed')));
  });
  return {
    socket,
    received: () => text,
    write: (bytes) => void socket.write(bytes),
    closed: async (withinMs) => {
      await until('the connection is closed', () => isClosed, withinMs);
      return text;
    },
    answers: async (count) => {
      await until(`${count} answers`, () => isClosed || parseAnswers(text).length >= count);
      return parseAnswers(text);
    },
  };
}

/** Sends these bytes on a connection of their own and gives back the first answer. */
export async function rawRequest(port: number, bytes: string | Buffer): Promise<RawAnswer> {
  const connection = await rawConnection(port);
  try {
    connection.write(bytes);
    const [answer] = await connection.answers(1);
    if (answer === undefined) throw new Error(`no answer: ${connection.received()}`);
    return answer;
  } finally {
    connection.socket.destroy();
  }
}

function parseAnswers(text: string): readonly RawAnswer[] {
  const answers: RawAnswer[] = [];
  for (let rest = text; ; ) {
    const end = rest.indexOf('\r\n\r\n');
    if (end === -1) return answers;
    const [first = '', ...lines] = rest.slice(0, end).split('\r\n');
    const headers = new Map(lines.map(headerOf));
    const length = Number(headers.get('content-length') ?? 0);
    const body = rest.slice(end + 4, end + 4 + length);
    const isInterim = / 1\d\d /.test(first);
    if (body.length < length) return answers;
    if (!isInterim) answers.push({ status: Number(first.split(' ')[1]), headers, body });
    rest = rest.slice(end + 4 + length);
  }
}

function headerOf(line: string): readonly [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}
