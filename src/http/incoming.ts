// A request and the way its answer goes back, whichever version of HTTP carries them.

import type { IncomingHttpHeaders, RequestListener } from 'node:http';
import { constants, type ServerHttp2Stream, type IncomingHttpHeaders as StreamHeaders } from 'node:http2';
import type { Socket } from 'node:net';
import { type Headers, PLAIN_TEXT, sendWhole } from './answer.ts';
import { type Body, readBody } from './body.ts';
import { expectationFault, type MessageFault, streamFault } from './message.ts';

export interface Incoming {
  readonly method: string;
  /** Path and query, as they were sent. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** Of the connection, which is how its client is known. */
  readonly socket: Socket;
  /** Calls `done` once, see {@link readBody}. */
  readBody(maxBytes: number, done: (body: Body) => void): void;
  /** Nothing happens when it is answered already, or when nobody is there any more. */
  answer(status: number, headers: Headers, body: string): void;
  /** As {@link answer}, and the rest of the request is not read: over HTTP/1 that ends the connection. */
  answerUnread(status: number, headers: Headers, body: string): void;
}

export type Serve = (incoming: Incoming) => void;

/** A stream of an HTTP/2 connection, with the connection below it and its fields as they were sent. */
export type StreamListener = (
  stream: ServerHttp2Stream,
  headers: StreamHeaders,
  rawHeaders: readonly string[],
  socket: Socket,
) => void;

/** For node:http; what is no sound message never gets here. */
export function overHttp1(serve: Serve): RequestListener {
  return (request, response) => {
    const { method = '', url = '', headers, socket } = request;
    const answer: Incoming['answer'] = (status, fields, body) => {
      if (!response.headersSent) sendWhole(response, status, fields, body);
    };
    serve({
      method,
      url,
      headers,
      socket,
      readBody: (maxBytes, done) => readBody(request, headers, maxBytes, done),
      answer,
      answerUnread: (status, fields, body) => answer(status, { ...fields, Connection: 'close' }, body),
    });
  };
}

/** For node:http2's streams: its Request and Response would cost more than all the rest of a remembered answer. */
export function overHttp2(serve: Serve): StreamListener {
  return (stream, headers, rawHeaders, socket) => {
    const fault = streamFault(headers, rawHeaders) ?? expectationFault(headers);
    if (fault !== undefined) return refuse(stream, fault);
    if (isGone(stream)) return;
    if (headers.expect !== undefined) stream.additionalHeaders({ ':status': 100 });
    const answer: Incoming['answer'] = (status, fields, body) => respond(stream, status, fields, body);
    serve({
      method: headers[':method'] ?? '',
      url: headers[':path'] ?? '',
      headers,
      socket,
      readBody: (maxBytes, done) => readBody(stream, headers, maxBytes, done),
      answer,
      answerUnread: answer,
    });
  };
}

function refuse(stream: ServerHttp2Stream, { status, line }: MessageFault): void {
  respond(stream, status, { 'Content-Type': PLAIN_TEXT }, `${line}\n`);
}

/** Whoever is still sending is told to stop once the answer is out (RFC 9113 §8.1). */
function respond(stream: ServerHttp2Stream, status: number, headers: Headers, body: string): void {
  if (stream.headersSent || isGone(stream)) return;
  const fields = [':status', String(status)];
  for (const name in headers) fields.push(name, headers[name] ?? '');
  fields.push('content-length', String(Buffer.byteLength(body)));
  stream.respond(fields);
  // That of a HEAD has ended by itself.
  if (!stream.writableEnded) stream.end(body);
  if (!stream.readableEnded) stream.close(constants.NGHTTP2_NO_ERROR);
}

/** Taken back, or its connection is gone: what it throws then would be nobody's to catch. */
function isGone({ closed, destroyed }: ServerHttp2Stream): boolean {
  return closed || destroyed;
}
