// Reads the Authorization header: RFC 7617 and RFC 6750.

import type { IncomingMessage } from 'node:http';
import { type BearerCredential, parseCredential } from '../core/credential.ts';
import { decodeUtf8 } from '../text/utf8.ts';

const NO_ISSUERS: ReadonlySet<string> = new Set();

/** Undefined when it is not Basic, not base64 of UTF-8, or without a colon. */
export function basicCredentials({
  headers,
}: IncomingMessage): { readonly username: string; readonly password: string } | undefined {
  const encoded = /^Basic +([A-Za-z0-9+/]+={0,2}) *$/i.exec(headers.authorization ?? '')?.[1];
  const text = encoded === undefined ? undefined : decodeUtf8(Buffer.from(encoded, 'base64'));
  const colon = text?.indexOf(':') ?? -1;
  return text === undefined || colon === -1
    ? undefined
    : { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** Undefined when there is no bearer token of a form that could be one of ours. */
export function bearerCredential({ headers }: IncomingMessage, tokenBytes: number): BearerCredential | undefined {
  const token = /^Bearer +([^\s]+) *$/i.exec(headers.authorization ?? '')?.[1];
  if (token === undefined) return undefined;
  const credential = parseCredential(token, { tokenBytes, ignoreIssuers: NO_ISSUERS });
  return credential.kind === 'bearer' ? credential : undefined;
}
