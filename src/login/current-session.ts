// The token for kubectl: the remembered one while it stands, else a new one, for which one process asks.

import type { Clock } from '../core/seams.ts';
import type { Cache } from './cache.ts';
import type { Machine } from './machine.ts';
import type { PortalClient } from './portal-client.ts';
import { askedNow, wasAsked } from './prompts.ts';
import { type Session, type SessionKey, usableUntil } from './session.ts';
import { type Person, type SignedIn, signIn } from './sign-in.ts';

export interface SessionSeams {
  readonly cache: Cache;
  readonly portal: Pick<PortalClient, 'signIn' | 'standing'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly machine: Pick<Machine, 'parentPid' | 'startedAt'>;
  /** Runs `work` with somebody at a terminal; undefined when there is none, or nobody may be asked. */
  readonly withPerson: <T>(work: (person: Person) => Promise<T>) => Promise<T | undefined>;
  /** Go duration; absent: the broker's default. */
  readonly lifetime?: string;
}

export type Current =
  | { readonly kind: 'remembered'; readonly session: Session }
  | SignedIn
  | { readonly kind: 'no-terminal' }
  /** This parent's user was asked a moment ago. */
  | { readonly kind: 'asked-already' }
  /** Another process has been asking for minutes. */
  | { readonly kind: 'busy' };

/**
 * Asks the broker about a remembered token every time: kubectl does not say that it was refused. A broker that cannot be
 * asked does not take a good token away. May throw a FileFault.
 */
export async function currentSession(key: SessionKey, seams: SessionSeams): Promise<Current> {
  const { cache, portal, clock } = seams;
  const known = cache.read(key);
  if (known !== undefined && isUsable(known, clock)) {
    const standing = await portal.standing(known.token);
    if (standing.kind !== 'refused') return { kind: 'remembered', session: known };
  }
  return (await cache.locked(key, () => renewed(key, known, seams))) ?? { kind: 'busy' };
}

/** Holds the lock: what another process brought meanwhile is as good as asking. `known` is of no use any more. */
async function renewed(key: SessionKey, known: Session | undefined, seams: SessionSeams): Promise<Current> {
  const { cache, clock, machine } = seams;
  const latest = cache.read(key);
  if (latest !== undefined && latest.token.reveal() !== known?.token.reveal() && isUsable(latest, clock)) {
    return { kind: 'remembered', session: latest };
  }
  cache.forget(key);
  const prompts = cache.prompts(key);
  const mark = (failed: boolean) => cache.keepPrompts(key, askedNow(prompts, machine, { now: clock.now(), failed }));
  if (wasAsked(prompts, machine, clock.now())) {
    await mark(false);
    return { kind: 'asked-already' };
  }
  const outcome = await seams.withPerson((person) => signIn(key, { ...seams, person }));
  if (outcome === undefined) return { kind: 'no-terminal' };
  if (outcome.kind === 'signed-in') await cache.keep(outcome.session);
  await mark(outcome.kind !== 'signed-in');
  return outcome;
}

function isUsable(session: Session, { now }: Pick<Clock, 'now'>): boolean {
  return usableUntil(session) > now();
}
