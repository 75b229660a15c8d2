// A sign-in that is remembered: the token, whose it is and until when.

import { Secret } from '../core/secret.ts';
import type { EpochMs } from '../core/verdict.ts';
import { parseJsonObject } from '../text/json.ts';

/** For whom a sign-in is kept: one server, and what `--username` said (absent: the name is asked for). */
export interface SessionKey {
  /** `href` of the server's URL. */
  readonly server: string;
  readonly username?: string;
}

export interface Session extends SessionKey {
  /** The name that was typed or given. */
  readonly login: string;
  /** The Kubernetes user that the broker made of it. */
  readonly identity: { readonly username: string; readonly groups: readonly string[] };
  readonly token: Secret;
  readonly issuedAt: EpochMs;
  readonly expiresAt: EpochMs;
}

/**
 * How long before its end a token counts as over: client-go compares without any leeway, and a request that starts in time
 * must also arrive in time.
 */
export const SKEW_MS = 30_000;

/** When client-go should stop using the token. */
export function usableUntil({ expiresAt }: Pick<Session, 'expiresAt'>): EpochMs {
  return expiresAt - SKEW_MS;
}

export function isSameKey(a: SessionKey, b: SessionKey): boolean {
  return a.server === b.server && a.username === b.username;
}

/** The content of a cache file. */
export function sessionText(session: Session): string {
  const { token, issuedAt, expiresAt, ...rest } = session;
  const times = { issued: new Date(issuedAt).toISOString(), expires: new Date(expiresAt).toISOString() };
  return `${JSON.stringify({ version: 1, ...rest, ...times, token: token.reveal() })}\n`;
}

/** Undefined for whatever is no session: a file of another version, cut off, or edited. */
export function parseSession(text: string): Session | undefined {
  const { version, server, username, login, token, identity, issued, expires } = parseJsonObject(text) ?? {};
  if (version !== 1 || typeof server !== 'string' || typeof login !== 'string') return undefined;
  if (username !== undefined && typeof username !== 'string') return undefined;
  const who = parseIdentity(identity);
  const [issuedAt, expiresAt] = [parseTime(issued), parseTime(expires)];
  if (who === undefined || !isToken(token) || issuedAt === undefined || expiresAt === undefined) return undefined;
  const key = username === undefined ? { server } : { server, username };
  return { ...key, login, identity: who, token: new Secret(token), issuedAt, expiresAt };
}

/** `{ username, groups }` of a JSON value; undefined when it is none. */
export function parseIdentity(value: unknown): Session['identity'] | undefined {
  if (typeof value !== 'object' || value === null || !('username' in value) || !('groups' in value)) return undefined;
  const { username, groups } = value;
  if (typeof username !== 'string' || username === '' || !Array.isArray(groups)) return undefined;
  const names = groups.filter((group) => typeof group === 'string');
  return names.length === groups.length ? { username, groups: names } : undefined;
}

/** What fits an Authorization header and survives it: no space, nothing beyond printable ASCII. */
export function isToken(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21-\x7e]+$/.test(value);
}

/** Of an RFC 3339 time. */
export function parseTime(value: unknown): EpochMs | undefined {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/.test(value)) {
    return undefined;
  }
  const time = Date.parse(value);
  return Number.isNaN(time) ? undefined : time;
}
