// Whom a code or a refresh token stands for, and whether they would be let in today.

import type { EpochMs } from '../../core/verdict.ts';
import type { Moment } from '../../issuer/issuer.ts';
import type { Portal } from '../portal.ts';
import { type Arrived, personOf } from '../sign-in.ts';
import type { OpenidState } from './state.ts';

/** One sign-in for a client; kept as long as its grant. */
export interface Person extends Pick<Arrived, 'holder' | 'endpoint' | 'method' | 'provider' | 'again'> {
  /** Later than every revocation of the name that was known then. */
  readonly signedInAtMs: EpochMs;
  /** Of every token that was issued for this sign-in. */
  readonly tokenIds: readonly string[];
}

const KIND = 'Person';

export interface People {
  remember(grantId: string, person: Person, ttlMs: number): void;
  of(grantId: string): Person | undefined;
}

export function peopleIn(state: OpenidState): People {
  return {
    remember: (grantId, person, ttlMs) => state.put(KIND, grantId, { person, grantId }, ttlMs),
    of: (grantId) => {
      const found = state.find(KIND, grantId)?.['person'];
      return isPerson(found) ? found : undefined;
    },
  };
}

/** Nothing else is put under this kind. */
function isPerson(value: unknown): value is Person {
  return typeof value === 'object' && value !== null && 'holder' in value && 'signedInAtMs' in value;
}

export function personFrom(arrived: Arrived): Person {
  const { holder, endpoint, method, provider, again, moment } = arrived;
  const signedInAtMs = Math.max(moment.nowMs, (moment.revoked?.before(holder.username) ?? 0) + 1);
  return { holder, endpoint, method, provider, again, signedInAtMs, tokenIds: [] };
}

/** What may be issued now; `gone` when it ended for this person, `unknown` when nobody can tell. */
export type Standing =
  | { readonly kind: 'stands'; readonly id: string; readonly person: Person; readonly moment: Moment }
  | { readonly kind: 'gone' | 'unknown'; readonly id: string; readonly reason: string };

/** Of a sign-in whose code is redeemed: revocations since then count. */
export async function stillStanding(person: Person, portal: Portal): Promise<Standing> {
  const id = portal.newId();
  const moment = await portal.issuer.moment();
  if ('kind' in moment) return { kind: 'unknown', id, reason: moment.reason };
  const before = moment.revoked?.before(person.holder.username) ?? 0;
  if (before >= person.signedInAtMs) return { kind: 'gone', id, reason: 'revoked-token' };
  return { kind: 'stands', id, person, moment };
}

/** Of a refresh: the person is reviewed as if they had just signed in, without a password. */
export async function reviewedAnew(person: Person, portal: Portal, keep: (person: Person) => void): Promise<Standing> {
  const standing = await stillStanding(person, portal);
  if (standing.kind !== 'stands') return standing;
  const { again, endpoint, provider = '' } = person;
  if (again === undefined) return { ...standing, kind: 'gone', reason: 'unknown-person' };
  const seen =
    again.kind === 'name'
      ? { again, ...(await portal.find(provider, again.username, endpoint)) }
      : await refreshed(again, person, portal);
  const { id, verdict } = seen;
  // An upstream's refresh token is often good once: the next one is kept whatever comes of it.
  if (seen.again !== again) keep({ ...person, again: seen.again });
  if (verdict.kind === 'unavailable') return { kind: 'unknown', id, reason: verdict.reason };
  if (verdict.kind !== 'authenticated') return { kind: 'gone', id, reason: verdict.reason };
  const now = personOf({ by: provider, ...verdict });
  // A refresh token is of one person, whatever an upstream says later.
  if (now.holder.username !== person.holder.username) return { kind: 'gone', id, reason: 'unknown-person' };
  return { ...standing, id, person: { ...person, ...now, again: seen.again } };
}

async function refreshed(
  again: Extract<Person['again'], { kind: 'refresh-token' }>,
  { endpoint }: Person,
  portal: Portal,
) {
  const button = portal.buttons.find(({ settings }) => settings.slug === again.slug);
  const id = portal.newId();
  if (button === undefined) return { id, again, verdict: { kind: 'rejected', reason: 'unknown-person' } as const };
  const tokens = await button.flow.refresh(again.token);
  if (tokens.kind !== 'tokens') return { id, again, verdict: tokens };
  const next = tokens.refreshToken === undefined ? again : { ...again, token: tokens.refreshToken };
  const token = button.settings.token === 'id_token' ? tokens.idToken : tokens.accessToken;
  if (token === undefined) return { id, again: next, verdict: { kind: 'rejected', reason: 'unknown-person' } as const };
  return { again: next, ...(await portal.checkToken(endpoint, token)) };
}
