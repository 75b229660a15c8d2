// Writes an answer as a whole: its headers, its length, its body.

import type { IncomingMessage, ServerResponse } from 'node:http';

export type Headers = Readonly<Record<string, string>>;

export const PLAIN_TEXT = 'text/plain; charset=utf-8';
export const JSON_TEXT = 'application/json; charset=utf-8';

/** `headers` with the content type; the length is added. */
export function sendWhole(response: ServerResponse, status: number, headers: Headers, body: string): void {
  response.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(body) });
  response.end(body);
}

/** A request whose body was not read cannot be followed by another one on its connection. */
export function closing(request: IncomingMessage): Headers {
  return request.complete ? {} : { Connection: 'close' };
}
