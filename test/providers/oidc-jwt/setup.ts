// Opens the provider as the program does, beside an issuer on loopback, with a clock that a test may move.

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { oidcJwt } from '../../../providers/oidc-jwt.ts';
import type { Claims } from '../../../src/core/claims.ts';
import type { BearerCredential } from '../../../src/core/credential.ts';
import { parseJwt } from '../../../src/core/jwt.ts';
import type { Provider, ProviderSeams } from '../../../src/core/provider.ts';
import { Secret } from '../../../src/core/secret.ts';
import type { Verdict } from '../../../src/core/verdict.ts';
import { reviewOf } from '../../contract/provider-run.ts';
import { type FakeIssuer, startFakeIssuer } from '../../support/fake-issuer.ts';
import { optionsOf } from '../../support/options.ts';
import { deadline, patient } from '../../support/patience.ts';
import { testSeams } from '../../support/seams.ts';
import { makeKey, signToken, type TokenKey } from '../../support/signed-tokens.ts';
import { createSinks, type Sinks } from '../../support/sinks.ts';

export const AUDIENCE = 'kubernetes';
export const NOW_S = 1_800_000_000;

export const KEY = makeKey('ES256', 'first');

export function bearer(token: string): BearerCredential {
  const jwt = parseJwt(token);
  return { kind: 'bearer', form: jwt === undefined ? 'opaque' : 'jwt', token: new Secret(token), ...(jwt && { jwt }) };
}

/** A clock for TTLs that a test moves, and a wall that stands still at {@link NOW_S}. */
export function stillClock(): ProviderSeams['clock'] & { pass(ms: number): void } {
  let passedMs = 0;
  return {
    now: () => NOW_S * 1000 + passedMs,
    monotonicMs: () => passedMs,
    pass: (ms) => {
      passedMs += ms;
    },
  };
}

export interface World {
  readonly issuer: FakeIssuer;
  readonly provider: Provider;
  readonly clock: ReturnType<typeof stillClock>;
  readonly sinks: Sinks;
  /** Claims that are good now, with these changes. */
  readonly claims: (change?: Readonly<Record<string, unknown>>) => Record<string, unknown>;
  /** A good token, with these changes. */
  readonly token: (change?: Readonly<Record<string, unknown>>, key?: TokenKey) => string;
  readonly login: (token: string, signal?: AbortSignal) => Promise<Verdict<Claims>>;
}

export async function world(
  t: TestContext,
  options: Readonly<Record<string, unknown>> = {},
  seams: Partial<ProviderSeams> = {},
): Promise<World> {
  const issuer = await startFakeIssuer([KEY]);
  const [clock, sinks] = [stillClock(), createSinks()];
  const given = { issuer: { url: issuer.issuer, audiences: [AUDIENCE] }, ...options };
  const provider = oidcJwt.open(
    optionsOf(oidcJwt, given),
    testSeams({ clock, log: sinks.log, groupsClaim: 'groups', ...seams }),
  );
  t.after(async () => {
    await provider.close();
    await issuer.close();
  });
  const claims: World['claims'] = (change = {}) => ({
    iss: issuer.issuer,
    aud: AUDIENCE,
    sub: 'alice',
    exp: NOW_S + 600,
    ...change,
  });
  return {
    issuer,
    provider,
    clock,
    sinks,
    claims,
    token: (change, key = KEY) => signToken(key, claims(change)),
    login: (token, signal = deadline(2500)) => provider.authenticate(reviewOf(bearer(token)), signal),
  };
}

/** What a table row compares: the verdict without its words. */
export function outcomeOf(verdict: Verdict<unknown>): string {
  return verdict.kind === 'authenticated' ? 'authenticated' : `${verdict.kind} ${verdict.reason}`;
}

/** Asks until the answer is this, at most for some seconds: what happens beside the reviews has no end to wait for. */
export async function becomes<T>(want: T, ask: () => Promise<T>): Promise<void> {
  const end = performance.now() + patient(3000);
  let seen = await ask();
  while (seen !== want && performance.now() < end) {
    // oxlint-disable-next-line no-await-in-loop -- what happens beside the reviews needs a turn of the event loop
    await new Promise((resolve) => setImmediate(resolve));
    // oxlint-disable-next-line no-await-in-loop -- one after another
    seen = await ask();
  }
  assert.deepEqual(seen, want);
}
