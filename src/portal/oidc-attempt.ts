// One sign-in at an OpenID provider, from the button to the way back: all that is kept of it is a sealed cookie of the browser.

import type { IncomingMessage } from 'node:http';
import type { Headers } from '../http/answer.ts';
import { cookieIn } from '../http/cookie.ts';
import type { JsonObject } from '../text/json.ts';
import type { Attempt } from '../upstream/oidc/code-flow.ts';
import type { Portal } from './portal.ts';

/** What was begun in this browser. */
export interface Begun extends Attempt {
  /** How long the token shall be good for. */
  readonly lifetimeMs: number;
  /** The request of a client of `issuer.openid` that is then answered, in place of showing a token. */
  readonly interaction?: string | undefined;
}

const TTL_MS = 10 * 60_000;
const RANDOM_BYTES = 32;

export function newAttempt(
  lifetimeMs: number,
  { randomBytes }: Pick<Portal, 'randomBytes'>,
  interaction?: string,
): Begun {
  const text = (): string => randomBytes(RANDOM_BYTES).toString('base64url');
  return { state: text(), nonce: text(), verifier: text(), lifetimeMs, interaction };
}

/** Only the button of this slug can be come back to with it (a browser that is sent to another one has nothing there). */
const placeOf = (slug: string): string => `portal sign-in ${slug}`;

/** `Set-Cookie` of a sign-in that begins. */
export function keptAttempt(begun: Begun, slug: string, portal: Portal): Headers {
  const [sealer] = portal.sealers;
  if (sealer === undefined) throw new TypeError('the portal has nothing to seal with');
  const sealed = sealer.seal(placeOf(slug), begun, portal.now() + TTL_MS);
  return { 'Set-Cookie': `${cookieName(portal)}=${sealed}; Max-Age=${TTL_MS / 1000}; ${attributes(portal)}` };
}

/** `Set-Cookie` of every way back: an attempt is good once. */
export function forgottenAttempt(portal: Portal): Headers {
  return { 'Set-Cookie': `${cookieName(portal)}=; Max-Age=0; ${attributes(portal)}` };
}

/** Undefined when this browser has begun none there, or too long ago. */
export function attemptOf({ headers }: IncomingMessage, slug: string, portal: Portal): Begun | undefined {
  const sealed = cookieIn(headers.cookie, cookieName(portal));
  if (sealed === undefined) return undefined;
  for (const sealer of portal.sealers) {
    const value = sealer.open(placeOf(slug), sealed, portal.now());
    if (value !== undefined) return parsed(value);
  }
  return undefined;
}

function parsed({ state, nonce, verifier, lifetimeMs, interaction }: JsonObject): Begun | undefined {
  return typeof state === 'string' &&
    typeof nonce === 'string' &&
    typeof verifier === 'string' &&
    typeof lifetimeMs === 'number'
    ? { state, nonce, verifier, lifetimeMs, ...(typeof interaction === 'string' && { interaction }) }
    : undefined;
}

/** With the prefix no other host of the domain, and no page in clear, can set it (RFC 6265bis §4.1.3.2). */
function cookieName({ settings }: Portal): string {
  return isSecure(settings.publicURL) ? '__Host-kube-auth-broker' : 'kube-auth-broker';
}

/** Lax: the way back is a navigation that another site begins. */
function attributes({ settings }: Portal): string {
  return `Path=/; HttpOnly; SameSite=Lax${isSecure(settings.publicURL) ? '; Secure' : ''}`;
}

/** Plain http is for a loopback address alone. */
function isSecure({ protocol }: URL): boolean {
  return protocol === 'https:';
}
