// From a sign-in to a token: one way for the page, for programs and for the proxy's users.

import type { Decision } from '../core/identity.ts';
import type { RejectReason } from '../core/reasons.ts';
import type { reasonOf, Verdict } from '../core/verdict.ts';
import type { Holder } from '../issuer/claims.ts';
import type { Issuer, Minted } from '../issuer/issuer.ts';
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

/** Never rejects. */
export async function passwordSignIn(
  {
    username,
    password,
    lifetimeMs,
  }: { readonly username: string; readonly password: string; readonly lifetimeMs: number },
  seams: SignInSeams,
): Promise<SignIn> {
  // A token ends the name at its first colon, so such a name would be checked as another one.
  if (username.includes(':')) return refused({ id: seams.newId(), reason: 'malformed-username' }, seams);
  const { id, verdict } = await seams.check(username, password);
  if (verdict.kind === 'unavailable') return unavailable({ id, reason: verdict.reason, method: 'password' }, seams);
  if (verdict.kind !== 'authenticated') {
    return refused({ id, reason: verdict.reason, ...(verdict.by !== undefined && { provider: verdict.by }) }, seams);
  }
  const { username: name, uid, groups } = verdict.value.identity;
  const holder: Holder = { username: name, groups, ...(uid !== undefined && { uid }) };
  const minting: Minting = { id, holder, lifetimeMs, method: 'password' };
  return mint({ ...minting, untilMs: verdict.expiresAt, provider: verdict.by }, seams);
}

/** For a user whom a trusted proxy has signed in. Never rejects. */
export function headerSignIn(holder: Holder, lifetimeMs: number, seams: SignInSeams): Promise<SignIn> {
  return mint({ id: seams.newId(), holder, lifetimeMs, method: 'header' }, seams);
}

interface Minting {
  readonly id: string;
  readonly holder: Holder;
  readonly lifetimeMs: number;
  readonly method: IssueEvent['method'];
  readonly untilMs?: number | undefined;
  readonly provider?: string | undefined;
}

async function mint(
  { id, holder, lifetimeMs, method, untilMs, provider }: Minting,
  seams: SignInSeams,
): Promise<SignIn> {
  const minted = await seams.issuer.issue(holder, lifetimeMs, untilMs);
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
