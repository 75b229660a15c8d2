// The only token parser: the text in spec.token becomes one credential, or is refused by its form.

import { decodeUtf8 } from '../text/utf8.ts';
import { isLongerThan, usernameFault } from './identity.ts';
import { type Jwt, parseJwt } from './jwt.ts';
import { encodingFault, pasteFault } from './pasted.ts';
import type { RejectReason } from './reasons.ts';
import { Secret } from './secret.ts';

export interface PasswordCredential {
  readonly kind: 'password';
  readonly username: string;
  readonly password: Secret;
}

export interface BearerCredential {
  readonly kind: 'bearer';
  readonly form: 'jwt' | 'opaque';
  readonly token: Secret;
  /** Header and claims of form `jwt`: readable, nothing verified. */
  readonly jwt?: Jwt;
}

export type Credential = PasswordCredential | BearerCredential;

/** A token that can never be a credential; no upstream is asked. */
export interface Refusal {
  readonly kind: 'refused';
  readonly reason: RejectReason;
}

export interface TokenRules {
  readonly tokenBytes: number;
  /** JWTs of these issuers go nowhere. */
  readonly ignoreIssuers: ReadonlySet<string>;
}

export const MAX_PASSWORD_BYTES = 1024;

const BOOTSTRAP = /^[a-z0-9]{6}\.[a-z0-9]{16}$/;
const CONTROL = /\p{Cc}/u;
const BASE64 = /^(?:[A-Za-z0-9+/]+|[A-Za-z0-9_-]+)={0,2}$/;

/**
 * Parses a token by the rules of the README's "Tokens" table, in that order: raw `username:password`, JWT, base64 of
 * `username:password`, opaque. Pure; the result never quotes the token.
 */
export function parseCredential(token: string, rules: TokenRules): Credential | Refusal {
  if (token === '') return refused('empty-token');
  if (isLongerThan(token, rules.tokenBytes)) return refused('oversize-token');
  if (!token.isWellFormed()) return refused('malformed-token');
  if (BOOTSTRAP.test(token)) return refused('bootstrap-token');
  const pasted = pasteFault(token);
  if (pasted !== undefined) return refused(pasted);
  if (token.includes(':')) return passwordOf(token);
  const jwt = parseJwt(token);
  if (jwt !== undefined) return jwtCredential(token, jwt, rules);
  return encodedPassword(token) ?? { kind: 'bearer', form: 'opaque', token: new Secret(token) };
}

function refused(reason: RejectReason): Refusal {
  return { kind: 'refused', reason };
}

function passwordOf(text: string): PasswordCredential | Refusal {
  const colon = text.indexOf(':');
  const username = text.slice(0, colon);
  const password = text.slice(colon + 1);
  const fault = usernameFault(username) ?? passwordFault(password);
  return fault === undefined ? { kind: 'password', username, password: new Secret(password) } : refused(fault);
}

function passwordFault(password: string): RejectReason | undefined {
  if (password.trim() === '') return 'empty-password';
  if (password.includes('\0') || isLongerThan(password, MAX_PASSWORD_BYTES)) return 'malformed-password';
  return undefined;
}

function jwtCredential(token: string, jwt: Jwt, rules: TokenRules): Credential | Refusal {
  if (jwt.issuer !== undefined && rules.ignoreIssuers.has(jwt.issuer)) return refused('ignored-issuer');
  return { kind: 'bearer', form: 'jwt', token: new Secret(token), jwt };
}

/**
 * The password behind base64, or why there is none although there was to be one; undefined for a token that is no base64 of
 * `name:password` in any encoding. One newline at its end is told apart: `echo` put it there.
 */
function encodedPassword(token: string): PasswordCredential | Refusal | undefined {
  const bytes = canonicalBase64(token);
  const text = bytes && decodeUtf8(bytes);
  if (text?.includes(':') === true && !CONTROL.test(text.replace(/\r?\n$/, ''))) {
    if (text.endsWith('\n')) return refused('encoded-newline');
    const pasted = pasteFault(text);
    return pasted === undefined ? passwordOf(text) : refused(pasted);
  }
  const fault = encodingFault(token, bytes);
  return fault && refused(fault);
}

/**
 * The bytes behind canonical base64 or base64url. Only the one canonical spelling counts: otherwise four spellings of one
 * credential would be four credentials, and random opaque tokens would decode.
 */
function canonicalBase64(token: string): Buffer | undefined {
  if (!BASE64.test(token)) return undefined;
  const body = token.replace(/=+$/, '');
  if (token.length !== body.length && token.length % 4 !== 0) return undefined;
  const bytes = Buffer.from(body, 'base64url');
  const spelling = /[+/]/.test(body) ? bytes.toString('base64').replace(/=+$/, '') : bytes.toString('base64url');
  return spelling === body ? bytes : undefined;
}
