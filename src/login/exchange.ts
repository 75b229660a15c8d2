// One HTTP exchange with the portal, by Node's own client: undici would take as long to load as Node itself.

import { type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';
import { type Dial, dial } from './dial.ts';

export interface Question {
  readonly method: 'GET' | 'POST';
  /** Below the server's URL. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs: number;
}

export interface RawAnswer {
  readonly status: number;
  readonly text: string;
}

const CONNECT_MS = 3000;
const MAX_BODY_BYTES = 1024 * 1024;

/**
 * Sends the question once, over a connection of its own; a redirect is an answer like another. Rejects with an error that has a
 * `code`, or with a DOMException named TimeoutError after `timeoutMs`.
 */
export async function exchange(to: Dial, question: Question): Promise<RawAnswer> {
  const signal = AbortSignal.timeout(question.timeoutMs);
  try {
    const socket = await connected(to, signal);
    try {
      return await answered(await sent(to.server, question, { socket, signal }));
    } finally {
      socket.destroy();
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}

async function connected(to: Dial, signal: AbortSignal): Promise<Socket> {
  const silent = AbortSignal.timeout(CONNECT_MS);
  try {
    return await dial(to, AbortSignal.any([signal, silent]));
  } catch (error) {
    if (silent.aborted) throw coded('ETIMEDOUT');
    throw error;
  }
}

function sent(
  server: URL,
  { method, path, headers, body }: Question,
  { socket, signal }: { readonly socket: Socket; readonly signal: AbortSignal },
): Promise<IncomingMessage> {
  const url = new URL(path, server);
  return new Promise((resolve, reject) => {
    const asked = request({
      createConnection: () => socket,
      method,
      path: url.pathname,
      headers: { host: url.host, accept: 'application/json', 'user-agent': 'kube-auth-broker', ...headers },
      signal,
    });
    asked.on('error', reject);
    asked.on('response', resolve);
    asked.end(body);
  });
}

async function answered(message: IncomingMessage): Promise<RawAnswer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of message) {
    const part = Buffer.from(chunk);
    bytes += part.length;
    if (bytes > MAX_BODY_BYTES) throw coded('EMSGSIZE');
    chunks.push(part);
  }
  return { status: message.statusCode ?? 0, text: Buffer.concat(chunks).toString() };
}

function coded(code: string): Error {
  return Object.assign(new Error(code), { code });
}
