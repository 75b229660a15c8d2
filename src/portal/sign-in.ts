// From a sign-in to a token: one way for the page, for programs and for the proxy's users.

import type { Decision } from '../core/identity.ts';
import type { RejectReason } from '../core/reasons.ts';
import type { Secret } from '../core/secret.ts';
import type { Authenticated, EpochMs, NotAuthenticated } from '../core/verdict.ts';
import type { AskedByClient, Holder } from '../issuer/claims.ts';
import type { Minted, Moment } from '../issuer/issuer.ts';
import type { Turn } from './address-share.ts';
import type { IssueEvent } from './events.ts';
import type { NamedUser } from './header-identity.ts';
import type { Portal } from './portal.ts';

/** What became of a request for a token; `id` finds its log line. */
export type SignIn =
  | { readonly kind: 'issued'; readonly id: string; readonly holder: Holder; readonly minted: Minted }
  | { readonly kind: 'refused'; readonly id: string; readonly words: string }
  /** `untilMs`: too many wrong passwords were tried for the name, and it can be tried again then at the latest. */
  | { readonly kind: 'unavailable'; readonly id: string; readonly untilMs?: EpochMs };

const REFUSED = 'The username or the password is not right.';

/** Shown only for a password that the directory has found right (AD sub-codes 532 and 773; ppolicy after a good bind). */
const WORDS_AFTER_RIGHT_PASSWORD: Partial<Readonly<Record<RejectReason, string>>> = {
  'password-expired': 'Your password has expired. Change it, then sign in with the new one.',
  'password-must-change':
    'Your password must be changed before you can sign in. Change it, then sign in with the new one.',
};

export interface PasswordSignIn {
  readonly username: string;
  readonly password: string;
  /** Whose chain is asked. */
  readonly endpoint: string;
  /** Of the client. */
  readonly address: string;
}

/** Somebody who has signed in and has no token yet. */
export interface Arrived extends Source {
  readonly kind: 'arrived';
  readonly holder: Holder;
  /** Path of the endpoint whose chain signed the holder in. */
  readonly endpoint: string;
  readonly moment: Moment;
  /** No token of this sign-in is good beyond. */
  readonly untilMs?: EpochMs | undefined;
  /** How the person can be asked about again without them; absent: not at all. */
  readonly again?: Again | undefined;
}

/** By the name that was typed, or with the refresh token of an OpenID provider. */
export type Again =
  | { readonly kind: 'name'; readonly username: string }
  | { readonly kind: 'refresh-token'; readonly slug: string; readonly token: Secret };

export type TurnedAway = Exclude<SignIn, { readonly kind: 'issued' }>;

type Source = Pick<IssueEvent, 'id' | 'method' | 'provider'>;

/** Never rejects. */
export async function passwordArrival(asked: PasswordSignIn, portal: Portal): Promise<Arrived | TurnedAway> {
  const { username, endpoint } = asked;
  const method = 'password';
  // A token ends the name at its first colon, so such a name would be checked as another one.
  if (username.includes(':')) {
    return refused({ id: portal.newId(), method, reason: 'malformed-username' }, REFUSED, portal);
  }
  const moment = await portal.issuer.moment();
  if ('kind' in moment) return unavailable({ id: portal.newId(), reason: moment.reason, method }, portal);
  const turn = await portal.shares.enter(asked.address, username, portal.budget);
  const { id, verdict } = await portal.check({ ...asked, mayGuess: turn.untilMs === undefined });
  turn.end(verdict.kind === 'rejected' || verdict.kind === 'abstained');
  if (verdict.kind !== 'authenticated') return turnedAway(verdict, { id, turn }, portal);
  const again = portal.canFind(verdict.by ?? '') ? ({ kind: 'name', username } as const) : undefined;
  return { kind: 'arrived', id, method, endpoint, moment, ...personOf(verdict), untilMs: verdict.expiresAt, again };
}

/** Whom a chain has let in, and by which provider. */
export function personOf({ value, by }: Authenticated<Decision>): Pick<Arrived, 'holder' | 'provider'> {
  const { username, uid, groups } = value.identity;
  return { holder: { username, groups, ...(uid !== undefined && { uid }) }, provider: by };
}

function turnedAway(
  verdict: NotAuthenticated,
  { id, turn }: { readonly id: string; readonly turn: Turn },
  portal: Portal,
): TurnedAway {
  const { reason } = verdict;
  const method = 'password';
  if (verdict.kind !== 'unavailable') {
    const shown = Object.entries(WORDS_AFTER_RIGHT_PASSWORD).find(([name]) => name === reason)?.[1];
    return refused({ id, method, reason, provider: verdict.by }, shown ?? REFUSED, portal);
  }
  const answer = unavailable({ id, reason, method }, portal);
  if (reason !== 'failed-password-budget') return answer;
  return { ...answer, untilMs: turn.untilMs ?? portal.now() + portal.budget.windowMs };
}

/** For a user whom a trusted proxy has signed in. Never rejects. */
export async function headerArrival({ holder, endpoint }: NamedUser, portal: Portal): Promise<Arrived | TurnedAway> {
  const id = portal.newId();
  const moment = await portal.issuer.moment();
  if ('kind' in moment) return unavailable({ id, reason: moment.reason, method: 'header' }, portal);
  return { kind: 'arrived', id, method: 'header', holder, endpoint, moment };
}

/** The token of somebody who has arrived. Never rejects. */
export async function tokenFor(
  arrival: Arrived | TurnedAway,
  lifetimeMs: number,
  portal: Portal,
  asked?: AskedByClient,
): Promise<SignIn> {
  if (arrival.kind !== 'arrived') return arrival;
  const { id, method, provider, holder } = arrival;
  const minted = await portal.issuer.issue({ ...arrival, lifetimeMs, asked });
  if ('kind' in minted) return unavailable({ id, reason: minted.reason, method }, portal);
  if (Buffer.byteLength(minted.token) > portal.tokenBytes) {
    return unavailable({ id, reason: 'oversize-token', method }, portal);
  }
  const { username, uid, groups } = holder;
  portal.observer.asked({
    id,
    method,
    result: 'issued',
    reason: 'ok',
    provider,
    username,
    uid,
    groups: groups.length,
    jti: minted.id,
    expiresAtMs: minted.expiresAtMs,
  });
  return { kind: 'issued', id, holder, minted };
}

type Told = Pick<IssueEvent, 'id' | 'reason' | 'method' | 'provider' | 'detail'>;

export function refused(
  event: Told,
  words: string,
  { observer }: Portal,
): Extract<SignIn, { readonly kind: 'refused' }> {
  observer.asked({ ...event, result: 'refused' });
  return { kind: 'refused', id: event.id, words };
}

export function unavailable(event: Told, { observer }: Portal): Extract<SignIn, { readonly kind: 'unavailable' }> {
  observer.asked({ ...event, result: 'unavailable' });
  return { kind: 'unavailable', id: event.id };
}
