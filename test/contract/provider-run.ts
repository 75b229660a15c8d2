// Runs one test of the provider contract in a world of its own, and looks at what is left of it.

import assert from 'node:assert/strict';
import type { Review } from '../../src/core/authenticator.ts';
import type { Claims } from '../../src/core/claims.ts';
import type { Credential } from '../../src/core/credential.ts';
import type { ProbeStep } from '../../src/core/provider.ts';
import { Secret } from '../../src/core/secret.ts';
import type { Verdict } from '../../src/core/verdict.ts';
import type { JsonObject } from '../../src/text/json.ts';
import { deadline, patient } from '../support/patience.ts';
import { testSeams } from '../support/seams.ts';
import { activeResources, releasedSince } from '../support/settled.ts';
import { createSinks, type Sinks } from '../support/sinks.ts';
import { ACCOUNTS, ALICE } from './provider-accounts.ts';
import {
  type Account,
  FAULTS,
  type Fault,
  type Harness,
  type ProviderContract,
  type Upstream,
} from './provider-world.ts';

export const FAULT_NAMES = Object.keys(FAULTS).filter((name): name is Fault => name in FAULTS);
/** Long enough for a busy machine, and what a hanging upstream costs each time. */
export const HANG_DEADLINE_MS = 400;
export const TIMEOUT_MS = 2500;

/** How soon a healed upstream must be used again. */
const RECOVERY_MS = 5000;

/** A running harness and everything that came out of it. */
export interface World extends Harness {
  readonly sinks: Sinks;
  login(credential: Credential, signal?: AbortSignal): Promise<Verdict<Claims>>;
}

/** A review of a credential, as the edge makes it. */
export function reviewOf(credential: Credential): Review {
  return { id: 'review-1', endpoint: { path: '/authenticate' }, credential, audiences: [], fingerprint: 'fingerprint' };
}

/** Opens a world, runs the test in it, closes it, and demands that nothing is left. */
export async function inWorld(
  contract: ProviderContract,
  run: (world: World) => Promise<void>,
  sinks: Sinks = createSinks(),
): Promise<void> {
  const before = activeResources();
  const seams = testSeams({ log: sinks.log, timeoutMs: patient(TIMEOUT_MS) });
  const harness = await contract.open(ACCOUNTS, seams);
  const login: World['login'] = async (credential, signal = deadline(TIMEOUT_MS)) => {
    const verdict = await harness.provider.authenticate(reviewOf(credential), signal);
    sinks.add('verdict', verdict);
    return verdict;
  };
  try {
    await run({ ...harness, sinks, login });
  } finally {
    await harness.provider.close();
    await harness.close();
  }
  await releasedSince(before);
}

export async function probe(world: World): Promise<readonly ProbeStep[]> {
  const steps: ProbeStep[] = [];
  await world.provider.probe((step) => void steps.push(step), deadline(HANG_DEADLINE_MS * 2));
  world.sinks.add('probe', steps);
  return steps;
}

/** After a first login, so that a provider's own first steps (canary, service bind, discovery) are done. */
export async function withoutIO(world: World, credential: Credential): Promise<Verdict<Claims>> {
  await world.login(world.credentialOf(ALICE));
  const before = [world.upstream?.exchanges(), world.upstream?.accepted()];
  const verdict = await world.login(credential);
  assert.deepEqual([world.upstream?.exchanges(), world.upstream?.accepted()], before, 'no upstream was asked');
  return verdict;
}

/** On a busy machine fifty connections at once may take longer than one may take: who could not tell is asked again. */
export async function decided(world: World, account: Account): Promise<Verdict<Claims>> {
  let verdict = await world.login(world.credentialOf(account));
  for (let again = 0; verdict.kind === 'unavailable' && again < 5; again += 1) {
    // oxlint-disable-next-line no-await-in-loop -- one question after the other
    verdict = await world.login(world.credentialOf(account));
  }
  return verdict;
}

export async function recovered(world: World): Promise<void> {
  const end = performance.now() + patient(RECOVERY_MS);
  let verdict = await world.login(world.credentialOf(ALICE));
  while (verdict.kind !== 'authenticated' && performance.now() < end) {
    // oxlint-disable-next-line no-await-in-loop -- asks again until the upstream is back
    verdict = await world.login(world.credentialOf(ALICE));
  }
  assertClaims(verdict, world.claimsOf(ALICE));
}

export function otherKinds(contract: ProviderContract): readonly Credential[] {
  const token = new Secret('eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSJ9.x');
  const jwt = { header: { alg: 'none' }, issuer: undefined, claims: { sub: 'alice' } };
  if (contract.accepts === 'bearer')
    return [{ kind: 'password', username: ALICE.name, password: new Secret(ALICE.secret) }];
  return [
    { kind: 'bearer', form: 'opaque', token: new Secret(ALICE.secret) },
    { kind: 'bearer', form: 'jwt', token, jwt },
  ];
}

export function upstreamOf(world: World): Upstream {
  assert.ok(world.upstream, 'a provider with outages has an upstream');
  return world.upstream;
}

export function assertReason(
  verdict: Verdict<unknown>,
  want: { readonly kind: string; readonly reason: string },
): void {
  const { kind, reason } = { reason: undefined, ...verdict };
  assert.deepEqual({ kind, reason }, want, verdict.detail);
}

export function assertClaims(verdict: Verdict<Claims>, want: Pick<Claims, 'subject' | 'attributes'>): void {
  assert.equal(verdict.kind, 'authenticated', verdict.detail);
  if (verdict.kind !== 'authenticated') return;
  const { subject, attributes } = verdict.value;
  assert.equal(subject, want.subject);
  assert.equal(attributes['subject'], want.subject, 'the subject is among the claims');
  assert.equal(Object.getPrototypeOf(attributes), null, 'claims are data');
  const stated: JsonObject = Object.fromEntries(
    Object.keys(want.attributes).map((key) => [key, attributes[key] ?? null]),
  );
  assert.deepEqual(stated, { ...want.attributes });
}
