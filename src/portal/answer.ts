// Everything that the portal sends: nothing may be kept, framed, sniffed or run that is not its own.

import type { ServerResponse } from 'node:http';
import { type Headers, JSON_TEXT, PLAIN_TEXT, sendWhole } from '../http/answer.ts';
import { type Html, SCRIPT_HASH } from './page/frame.ts';
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

const HEADERS: Headers = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': POLICY,
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  // Not no-referrer: with it a browser says that its own form comes from nowhere (Fetch §3.2, `Origin: null`).
  'Referrer-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
};

/** Of a page that a library sends. */
export const HTML_HEADERS: Headers = HEADERS;

/** The policy of a page whose form leads on to this origin: browsers hold every redirect after a form against it. */
export function policyWith(origin: string | undefined): Headers {
  return origin === undefined
    ? {}
    : { 'Content-Security-Policy': POLICY.replace("form-action 'self'", `form-action 'self' ${origin}`) };
}

/** A browser that has seen the portal once never asks it in clear again (RFC 6797); over http it would ignore this. */
const HTTPS_ONLY = 'max-age=31536000';

/** For every answer, before it is known which. */
export function demandHttps(response: ServerResponse, { protocol }: URL): void {
  if (protocol === 'https:') response.setHeader('Strict-Transport-Security', HTTPS_ONLY);
}

export function sendHtml(response: ServerResponse, status: number, page: Html, more: Headers = {}): void {
  send(response, status, { 'Content-Type': 'text/html; charset=utf-8', ...more }, page.markup);
}

export function sendJson(response: ServerResponse, status: number, value: object, more: Headers = {}): void {
  send(response, status, { 'Content-Type': JSON_TEXT, ...more }, `${JSON.stringify(value)}\n`);
}

/** `{"error": …}`, as kubehook answers. */
export function sendError(response: ServerResponse, status: number, error: string, more: Headers = {}): void {
  sendJson(response, status, { error }, more);
}

export function sendText(response: ServerResponse, status: number, line: string, more: Headers = {}): void {
  send(response, status, { 'Content-Type': PLAIN_TEXT, ...more }, `${line}\n`);
}

/** See Other (RFC 9110 §15.4.4): the browser asks there by GET, whatever it asked here. */
export function sendRedirect(response: ServerResponse, to: URL, more: Headers = {}): void {
  send(response, 303, { 'Content-Type': PLAIN_TEXT, Location: to.href, ...more }, '');
}

export function sendNothing(response: ServerResponse): void {
  response.writeHead(204, HEADERS).end();
}

export function sendFile(response: ServerResponse, name: string, yaml: string): void {
  const disposition = `attachment; filename="${name}"`;
  send(
    response,
    200,
    { 'Content-Type': 'application/x-yaml; charset=utf-8', 'Content-Disposition': disposition },
    yaml,
  );
}

function send(response: ServerResponse, status: number, headers: Headers, body: string): void {
  sendWhole(response, status, { ...HEADERS, ...headers }, body);
}
