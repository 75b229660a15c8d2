// From a sign-in to a token: one way for the page, for programs and for the proxy's users.

import type { Decision } from '../core/identity.ts';
import type { RejectReason } from '../core/reasons.ts';
import type { reasonOf, Verdict } from '../core/verdict.ts';
import type { Holder } from '../issuer/claims.ts';
import type { Issuer, Issuing, Minted } from '../issuer/issuer.ts';
import type { IssueEvent } from './events.ts';

/** What became of a request for a token; `id` finds its log line. */
export type SignIn =
  | { readonly kind: 'issued'; readonly id: string; readonly holder: Holder; readonly minted: Minted }
  | { readonly kind: 'refused'; readonly id: string; readonly words: string }
  | { readonly kind: 'unavailable'; readonly id: string };

export interface SignInSeams {
  readonly issuer: Issuer;
  /** Asks the chain of the endpoint exactly as a review would, under a new review id. Never rejects. */
  readonly check: (username: string, password: string) => Promise<Checked>;
  /** Longer tokens would be refused when they come back. */
  readonly tokenBytes: number;
  readonly newId: () => string;
  readonly observe: (event: IssueEvent) => void;
}

export interface Checked {
  readonly id: string;
  readonly verdict: Verdict<Decision>;
}

const REFUSED = 'The username or the password is not right.';

/** Told only of a password that the directory has found right (AD sub-codes 532 and 773; ppolicy after a good bind). */
const TOLD: Partial<Readonly<Record<RejectReason, string>>> = {
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
}

/** Never rejects. */
export async function passwordSignIn(
  { username, password, lifetimeMs, endpoint }: PasswordSignIn,
  seams: SignInSeams,
): Promise<SignIn> {
  // A token ends the name at its first colon, so such a name would be checked as another one.
  if (username.includes(':')) return refused({ id: seams.newId(), reason: 'malformed-username' }, seams);
  const moment = await seams.issuer.moment();
  if ('kind' in moment) return unavailable({ id: seams.newId(), reason: moment.reason, method: 'password' }, seams);
  const { id, verdict } = await seams.check(username, password);
  if (verdict.kind === 'unavailable') return unavailable({ id, reason: verdict.reason, method: 'password' }, seams);
  if (verdict.kind !== 'authenticated') {
    return refused({ id, reason: verdict.reason, ...(verdict.by !== undefined && { provider: verdict.by }) }, seams);
  }
  const { username: name, uid, groups } = verdict.value.identity;
  const holder: Holder = { username: name, groups, ...(uid !== undefined && { uid }) };
  const issuing = { holder, endpoint, lifetimeMs, untilMs: verdict.expiresAt, moment };
  return mint(issuing, { id, method: 'password', provider: verdict.by }, seams);
}

export interface HeaderSignIn {
  readonly holder: Holder;
  readonly lifetimeMs: number;
  /** Where the token will be good. */
  readonly endpoint: string;
}

/** For a user whom a trusted proxy has signed in. Never rejects. */
export async function headerSignIn(given: HeaderSignIn, seams: SignInSeams): Promise<SignIn> {
  const id = seams.newId();
  const moment = await seams.issuer.moment();
  if ('kind' in moment) return unavailable({ id, reason: moment.reason, method: 'header' }, seams);
  return mint({ ...given, moment }, { id, method: 'header' }, seams);
}

type Told = Pick<IssueEvent, 'id' | 'method' | 'provider'>;

async function mint(issuing: Issuing, { id, method, provider }: Told, seams: SignInSeams): Promise<SignIn> {
  const { holder } = issuing;
  const minted = await seams.issuer.issue(issuing);
  if ('kind' in minted) return unavailable({ id, reason: minted.reason, method }, seams);
  if (Buffer.byteLength(minted.token) > seams.tokenBytes) {
    return unavailable({ id, reason: 'oversize-token', method }, seams);
  }
  const { username, uid, groups } = holder;
  seams.observe({
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

interface Refusal {
  readonly id: string;
  readonly reason: ReturnType<typeof reasonOf>;
  readonly provider?: string;
}

function refused({ id, reason, provider }: Refusal, { observe }: SignInSeams): SignIn {
  observe({ id, method: 'password', result: 'refused', reason, provider });
  const told = Object.entries(TOLD).find(([name]) => name === reason)?.[1];
  return { kind: 'refused', id, words: told ?? REFUSED };
}

function unavailable(event: Pick<IssueEvent, 'id' | 'reason' | 'method'>, { observe }: SignInSeams): SignIn {
  observe({ ...event, result: 'unavailable' });
  return { kind: 'unavailable', id: event.id };
}
