// Everything that the portal sends: nothing may be kept, framed, sniffed or run that is not its own.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Html } from './html.ts';
import { SCRIPT_HASH } from './page/script.ts';
import { STYLE_HASH } from './page/style.ts';

/** The page has one style and one script, both inside it and named by their hashes (Content Security Policy Level 3). */
const POLICY = [
  "default-src 'none'",
  `style-src '${STYLE_HASH}'`,
  `script-src '${SCRIPT_HASH}'`,
  'img-src data:',
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

const HEADERS: Readonly<Record<string, string>> = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': POLICY,
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  // Not no-referrer: with it a browser says that its own form comes from nowhere (Fetch §3.2, `Origin: null`).
  'Referrer-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
};

export type Headers = Readonly<Record<string, string>>;

export function sendHtml(response: ServerResponse, status: number, page: Html, more: Headers = {}): void {
  send(response, status, page.markup, { 'Content-Type': 'text/html; charset=utf-8', ...more });
}

export function sendJson(response: ServerResponse, status: number, value: object, more: Headers = {}): void {
  send(response, status, `${JSON.stringify(value)}\n`, { 'Content-Type': 'application/json; charset=utf-8', ...more });
}

/** `{"error": …}`, as kubehook answers. */
export function sendError(response: ServerResponse, status: number, error: string, more: Headers = {}): void {
  sendJson(response, status, { error }, more);
}

export function sendText(response: ServerResponse, status: number, line: string, more: Headers = {}): void {
  send(response, status, `${line}\n`, { 'Content-Type': 'text/plain; charset=utf-8', ...more });
}

export function sendNothing(response: ServerResponse): void {
  response.writeHead(204, HEADERS).end();
}

export function sendFile(response: ServerResponse, name: string, yaml: string): void {
  const disposition = `attachment; filename="${name}"`;
  send(response, 200, yaml, {
    'Content-Type': 'application/x-yaml; charset=utf-8',
    'Content-Disposition': disposition,
  });
}

function send(response: ServerResponse, status: number, body: string, headers: Headers): void {
  response.writeHead(status, { ...HEADERS, ...headers, 'Content-Length': Buffer.byteLength(body) });
  response.end(body);
}

/** A request whose body was not read cannot be followed by another one on its connection. */
export function closing(request: IncomingMessage): Headers {
  return request.complete ? {} : { Connection: 'close' };
}
