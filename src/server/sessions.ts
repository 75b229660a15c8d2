// The HTTP/2 connections of a listener: as patient as those of HTTP/1.1, bounded, and an end that loses no request.

import { constants, performServerHandshake, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { StreamListener } from '../http/incoming.ts';
import { type Connections, type Every, type Patience, RETIRED_IDLE_MS, regularly } from './connections.ts';

export type Sessions = Omit<Connections, 'serve'>;

/**
 * What one connection may have of this process. Go asks no more of one connection than it is allowed to, and dials another;
 * everything else is a flood, and ends the connection.
 */
const OPTIONS = {
  settings: {
    /** As Go's own server. */
    maxConcurrentStreams: 250,
    /** What is more is not even read; what is more than HTTP/1 takes is answered so. */
    maxHeaderListSize: 64 * 1024,
    enablePush: false,
  },
  maxHeaderListPairs: 256,
  /** Of what nghttp2 and node keep for it, in megabytes. */
  maxSessionMemory: 4,
  maxSessionInvalidFrames: 100,
  maxSessionRejectedStreams: 100,
  /** Requests that are taken back: so many at once, and then so many a second. */
  streamResetBurst: 500,
  streamResetRate: 50,
};

interface Session {
  readonly http2: ServerHttp2Session;
  readonly socket: Socket;
  /** How long each request that is open has been in its phase. */
  readonly open: Map<ServerHttp2Stream, Wait>;
  /** Without a request. */
  idleMs: number;
  /** Since it was asked for a sign of life. */
  askedMs: number | undefined;
  /** When it was known to be between two frames. */
  bytesRead: number;
  isRetired: boolean;
}

/** For the rest of a request, for our answer, or for the client to take it. */
type Phase = 'body' | 'answer' | 'taking';

interface Wait {
  phase: Phase;
  waitedMs: number;
}

/** Gives each request that arrives on them to `listener`. */
export function trackSessions(listener: StreamListener, patience: Patience, every: Every = regularly): Sessions {
  const sessions = new Set<Session>();
  const stop = every(patience.connectionsCheckingInterval, () => {
    for (const session of sessions) cutSlow(session, patience);
  });
  return {
    add: (socket, isRetired = false) => {
      const session = begin(socket, isRetired, listener);
      sessions.add(session);
      session.http2.once('close', () => sessions.delete(session));
    },
    retire: () => {
      for (const session of sessions) leave(session);
    },
    closeIdle: () => {
      for (const { http2, open } of sessions) if (open.size === 0) http2.close();
    },
    close: stop,
  };
}

function begin(socket: Socket, isRetired: boolean, listener: StreamListener): Session {
  // What breaks a connection ends it, and is nobody's fault here.
  socket.on('error', ignored);
  const http2 = performServerHandshake(socket, OPTIONS).on('error', ignored);
  const session: Session = {
    http2,
    socket,
    open: new Map(),
    idleMs: 0,
    askedMs: undefined,
    bytesRead: 0,
    isRetired,
  };
  http2.on('stream', (stream: ServerHttp2Stream, headers, _flags, rawHeaders) => {
    stream.on('error', ignored).once('close', () => session.open.delete(stream));
    session.open.set(stream, { phase: 'body', waitedMs: 0 });
    session.idleMs = 0;
    session.askedMs = undefined;
    if (session.isRetired) leave(session);
    listener(stream, headers, rawHeaders, socket);
  });
  return session;
}

function ignored(): void {}

/**
 * Answers what has arrived, and names the last of it in a GOAWAY: what is still on its way is not looked at, and may be sent
 * again elsewhere (RFC 9113 §6.8).
 */
function leave(session: Session): void {
  session.isRetired = true;
  session.http2.close();
}

/** Time counts in looks, as it does over HTTP/1.1. */
function cutSlow(session: Session, patience: Patience): void {
  const { http2, open } = session;
  if (http2.destroyed) return;
  for (const [stream, wait] of open) cutSlowStream(stream, wait, patience);
  if (open.size > 0) return;
  session.idleMs += patience.connectionsCheckingInterval;
  const { keepAliveTimeout } = patience;
  const limitMs = session.isRetired ? Math.min(RETIRED_IDLE_MS, keepAliveTimeout) : keepAliveTimeout;
  if (session.idleMs >= limitMs) http2.close();
  else askForLife(session, patience);
}

/**
 * Who sends bytes but no request may be in the middle of a head, which nghttp2 does not tell. A client in the middle of a head
 * cannot answer a PING (RFC 9113 §6.10), and every other one must.
 */
function askForLife(session: Session, { connectionsCheckingInterval, headersTimeout }: Patience): void {
  const { http2, socket } = session;
  if (session.askedMs !== undefined) {
    session.askedMs += connectionsCheckingInterval;
    if (session.askedMs >= headersTimeout) socket.destroy();
    return;
  }
  if (socket.bytesRead === session.bytesRead) return;
  session.askedMs = 0;
  http2.ping(() => {
    session.askedMs = undefined;
    session.bytesRead = socket.bytesRead;
  });
}

function cutSlowStream(
  stream: ServerHttp2Stream,
  wait: Wait,
  { connectionsCheckingInterval, requestTimeout }: Patience,
) {
  const phase = phaseOf(stream);
  wait.waitedMs = phase === wait.phase ? wait.waitedMs + connectionsCheckingInterval : 0;
  wait.phase = phase;
  if (phase === 'answer' || wait.waitedMs < requestTimeout || stream.closed || stream.destroyed) return;
  if (phase === 'taking') return stream.close(constants.NGHTTP2_CANCEL);
  stream.respond({ ':status': 408 }, { endStream: true });
  stream.close(constants.NGHTTP2_NO_ERROR);
}

function phaseOf(stream: ServerHttp2Stream): Phase {
  if (stream.headersSent) return 'taking';
  return stream.readableEnded ? 'answer' : 'body';
}
