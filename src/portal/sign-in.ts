// From a sign-in to a token: one way for the page, for programs and for the proxy's users.

import type { Decision } from '../core/identity.ts';
import type { RejectReason } from '../core/reasons.ts';
import type { EpochMs, NotAuthenticated, Verdict } from '../core/verdict.ts';
import type { Holder } from '../issuer/claims.ts';
import type { Issuing, Minted, Moment } from '../issuer/issuer.ts';
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
  readonly lifetimeMs: number;
  /** Whose chain is asked. */
  readonly endpoint: string;
  /** Of the client. */
  readonly address: string;
}

/** Never rejects. */
export async function passwordSignIn(asked: PasswordSignIn, portal: Portal): Promise<SignIn> {
  const { username } = asked;
  // A token ends the name at its first colon, so such a name would be checked as another one.
  if (username.includes(':')) return refused({ id: portal.newId(), reason: 'malformed-username' }, portal);
  const moment = await portal.issuer.moment();
  if ('kind' in moment) return unavailable({ id: portal.newId(), reason: moment.reason, method: 'password' }, portal);
  const turn = await portal.shares.enter(asked.address, username, portal.budget);
  const { id, verdict } = await portal.check({ ...asked, mayGuess: turn.untilMs === undefined });
  turn.end(verdict.kind === 'rejected' || verdict.kind === 'abstained');
  return verdict.kind === 'authenticated'
    ? mintFor(verdict, asked, { id, moment }, portal)
    : turnedAway(verdict, { id, turn }, portal);
}

function mintFor(
  { value, expiresAt, by }: Extract<Verdict<Decision>, { readonly kind: 'authenticated' }>,
  { endpoint, lifetimeMs }: PasswordSignIn,
  { id, moment }: { readonly id: string; readonly moment: Moment },
  portal: Portal,
): Promise<SignIn> {
  const { username, uid, groups } = value.identity;
  const holder: Holder = { username, groups, ...(uid !== undefined && { uid }) };
  const issuing = { holder, endpoint, lifetimeMs, untilMs: expiresAt, moment };
  return mint(issuing, { id, method: 'password', provider: by }, portal);
}

function turnedAway(
  verdict: NotAuthenticated,
  { id, turn }: { readonly id: string; readonly turn: Turn },
  portal: Portal,
): SignIn {
  const { reason } = verdict;
  if (verdict.kind !== 'unavailable') return refused({ id, reason, provider: verdict.by }, portal);
  const answer = unavailable({ id, reason, method: 'password' }, portal);
  if (reason !== 'failed-password-budget') return answer;
  return { ...answer, untilMs: turn.untilMs ?? portal.now() + portal.budget.windowMs };
}

/** For a user whom a trusted proxy has signed in. Never rejects. */
export async function headerSignIn(
  { holder, endpoint }: NamedUser,
  lifetimeMs: number,
  portal: Portal,
): Promise<SignIn> {
  const id = portal.newId();
  const moment = await portal.issuer.moment();
  if ('kind' in moment) return unavailable({ id, reason: moment.reason, method: 'header' }, portal);
  return mint({ holder, endpoint, lifetimeMs, moment }, { id, method: 'header' }, portal);
}

type Source = Pick<IssueEvent, 'id' | 'method' | 'provider'>;

async function mint(issuing: Issuing, { id, method, provider }: Source, portal: Portal): Promise<SignIn> {
  const { holder } = issuing;
  const minted = await portal.issuer.issue(issuing);
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

function refused(
  { id, reason, provider }: Pick<IssueEvent, 'id' | 'reason' | 'provider'>,
  { observer }: Portal,
): SignIn {
  observer.asked({ id, method: 'password', result: 'refused', reason, provider });
  const shown = Object.entries(WORDS_AFTER_RIGHT_PASSWORD).find(([name]) => name === reason)?.[1];
  return { kind: 'refused', id, words: shown ?? REFUSED };
}

function unavailable(
  event: Pick<IssueEvent, 'id' | 'reason' | 'method'>,
  { observer }: Portal,
): Extract<SignIn, { readonly kind: 'unavailable' }> {
  observer.asked({ ...event, result: 'unavailable' });
  return { kind: 'unavailable', id: event.id };
}
