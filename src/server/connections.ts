// The open HTTP/1.1 connections of a listener: one request at a time, patience with slow clients, and an end after the next answer.

import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export interface Patience {
  /** For the head of a request, from its first byte. */
  readonly headersTimeout: number;
  /** For a whole request, from its first byte. */
  readonly requestTimeout: number;
  /** For the first byte of the next request, or of the first one: client-go dials ahead. */
  readonly keepAliveTimeout: number;
  /** How often they are looked at. */
  readonly connectionsCheckingInterval: number;
}

export interface Connections {
  /** From now on requests on this socket are served. */
  add(socket: Socket, isRetired?: boolean): void;
  /** What the server calls for every request. */
  readonly serve: RequestListener;
  /** Each connection that is open now ends with the answer that is due, or with its next one. */
  retire(): void;
  /** Those on which nothing is asked. */
  closeIdle(): void;
  /** Nobody looks at them any more. */
  close(): void;
}

/** What a connection waits for: a first byte, the rest of a head, the rest of a body, or an answer of ours. */
type Phase = 'idle' | 'head' | 'body' | 'answer';

interface Connection {
  /** Of the last request. */
  request: IncomingMessage | undefined;
  response: ServerResponse | undefined;
  /** Begins the requests that came before their turn. */
  readonly waiting: (() => void)[];
  phase: Phase;
  waitedMs: number;
  /** When its last answer was sent. */
  bytesRead: number;
  isRetired: boolean;
}

/** A retired connection that asks no more is closed; what is on its way still arrives within that time. */
export const RETIRED_IDLE_MS = 10_000;

/** A client that does not wait for this many answers is not served. */
const MAX_WAITING = 100;

/** Makes the client close after this answer, so that its next request comes on another connection. */
function lastAnswer(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('Connection', 'close');
}

/** Looks again and again; the function it gives back ends that. */
export type Every = (intervalMs: number, look: () => void) => () => void;

/** Serves each request with `handler`; one that cannot be served in order is not served (RFC 9112 §9.6). */
export function trackConnections(handler: RequestListener, patience: Patience, every: Every = regularly): Connections {
  const open = new Map<Socket, Connection>();
  const look = (): void => {
    for (const [socket, connection] of open) cutSlow(socket, connection, patience);
  };
  const stop = every(patience.connectionsCheckingInterval, look);
  return {
    add: (socket, isRetired = false) => {
      open.set(socket, { ...FRESH, waiting: [], isRetired });
      socket.once('close', () => open.delete(socket));
    },
    serve: (request, response) => {
      const connection = open.get(request.socket);
      if (connection !== undefined) inOrder(connection, request, response, handler);
    },
    retire: () => {
      for (const connection of open.values()) {
        connection.isRetired = true;
        if (connection.response !== undefined) lastAnswer(connection.response);
      }
    },
    closeIdle: () => {
      for (const [socket, connection] of open) if (phaseOf(socket, connection) === 'idle') socket.destroy();
    },
    close: stop,
  };
}

/** After a turn that took long, what has arrived meanwhile is read before anybody is called slow. */
export function regularly(intervalMs: number, look: () => void): () => void {
  const timer = setInterval(() => setImmediate(look), intervalMs).unref();
  return () => clearInterval(timer);
}

const FRESH: Omit<Connection, 'waiting'> = {
  request: undefined,
  response: undefined,
  phase: 'idle',
  waitedMs: 0,
  bytesRead: 0,
  isRetired: false,
};

/** A client that does not wait for an answer gets its answers one after the other; none after the last. */
function inOrder(
  connection: Connection,
  request: IncomingMessage,
  response: ServerResponse,
  handler: RequestListener,
): void {
  const before = connection.response;
  if (before === undefined || before.closed) return begin(connection, request, response, handler);
  connection.waiting.push(() => begin(connection, request, response, handler));
  if (connection.waiting.length > MAX_WAITING) request.socket.destroy();
}

function begin(
  connection: Connection,
  request: IncomingMessage,
  response: ServerResponse,
  handler: RequestListener,
): void {
  if (connection.response !== undefined && isLast(connection.response)) return;
  if (connection.phase !== 'head') connection.waitedMs = 0;
  connection.request = request;
  connection.response = response;
  connection.phase = 'body';
  response.once('close', () => rest(connection, request.socket));
  if (connection.isRetired) lastAnswer(response);
  handler(request, response);
}

function rest(connection: Connection, socket: Socket): void {
  connection.phase = 'idle';
  connection.waitedMs = 0;
  connection.bytesRead = socket.bytesRead;
  if (!socket.destroyed) connection.waiting.shift()?.();
}

function isLast(response: ServerResponse): boolean {
  return !response.shouldKeepAlive || response.getHeader('connection') === 'close';
}

/** Time counts in looks, not by a clock: while this process was busy nobody kept it waiting. */
function cutSlow(socket: Socket, connection: Connection, patience: Patience): void {
  const phase = phaseOf(socket, connection);
  const isSameWait = phase === connection.phase || (connection.phase === 'head' && phase === 'body');
  connection.waitedMs = isSameWait ? connection.waitedMs + patience.connectionsCheckingInterval : 0;
  connection.phase = phase;
  if (connection.waitedMs < limitOf(connection, patience)) return;
  if (phase === 'head' || (phase === 'body' && connection.response?.headersSent === false)) {
    socket.write('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n', 'latin1');
  }
  socket.destroySoon();
}

function phaseOf(socket: Socket, { request, response, bytesRead }: Connection): Phase {
  if (response === undefined || response.closed) return socket.bytesRead > bytesRead ? 'head' : 'idle';
  return request?.complete === true ? 'answer' : 'body';
}

function limitOf({ phase, isRetired }: Connection, patience: Patience): number {
  switch (phase) {
    case 'idle':
      return isRetired ? Math.min(RETIRED_IDLE_MS, patience.keepAliveTimeout) : patience.keepAliveTimeout;
    case 'head':
      return patience.headersTimeout;
    case 'body':
      return patience.requestTimeout;
    case 'answer':
      return Infinity;
  }
}
