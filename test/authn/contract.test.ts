// Every wrapper of an authenticator keeps the contract of one, alone and put together as the program does.

import { randomBytes } from 'node:crypto';
import { createSlots } from '../../src/async/slots.ts';
import { cached } from '../../src/authn/cached.ts';
import { chain } from '../../src/authn/chain.ts';
import { circuit } from '../../src/authn/circuit.ts';
import { failedPasswords } from '../../src/authn/failed-passwords.ts';
import { guarded } from '../../src/authn/guarded.ts';
import { observed } from '../../src/authn/observed.ts';
import { passwordMemory } from '../../src/authn/password-memory.ts';
import { scoped } from '../../src/authn/scoped.ts';
import { verdictStore } from '../../src/authn/verdict-store.ts';
import type { Authenticator } from '../../src/core/authenticator.ts';
import { fingerprinter, newFingerprintKey } from '../../src/core/fingerprint.ts';
import type { Decision } from '../../src/core/identity.ts';
import { systemClock } from '../../src/core/seams.ts';
import { authenticatorContract, containsBugs } from '../contract/authenticator-contract.ts';
import { patient } from '../support/patience.ts';

type Wrap = (inner: Authenticator<Decision>) => Authenticator<Decision>;

const chained: Wrap = (inner) => chain([{ name: 'a', onUnavailable: 'continue', authenticator: inner }]);
const scopedAll: Wrap = (inner) => scoped(inner, { name: 'a', accepts: ['password'] });
const observedAll: Wrap = (inner) =>
  observed(
    'a',
    inner,
    { answered: () => undefined },
    { clock: systemClock, log: () => undefined, seldom: () => undefined },
  );

const guardedAll: Wrap = (inner) =>
  guarded(inner, {
    timeoutMs: patient(2500),
    slots: createSlots(64),
    signInSlots: createSlots(16),
    circuit: circuit({ failures: 5, recent: 20, openMs: 1000 }, systemClock, () => undefined),
    clock: systemClock,
    waited: () => undefined,
    failedPasswords: failedPasswords({
      memory: passwordMemory({ max: 5, windowMs: 300_000, rejectedTTLMs: 10_000, acceptedTTLMs: 60_000 }, () =>
        systemClock.monotonicMs(),
      ),
      fingerprints: fingerprinter(newFingerprintKey(randomBytes), '1'),
      within: '',
      blocked: () => undefined,
    }),
  });

const cachedAll: Wrap = (inner) => {
  const settings = {
    authenticatedTTLMs: 60_000,
    rejectedTTLMs: 10_000,
    staleOnUnavailableMs: 0,
    maxEntries: 100,
    maxBytes: 2 ** 26,
  };
  return cached(inner, verdictStore(settings, systemClock), { reviewTimeoutMs: 4500, concurrentReviews: 512 });
};

authenticatorContract({ name: 'chain', around: chained });
authenticatorContract({ name: 'scoped', around: scopedAll });
authenticatorContract({ name: 'observed', around: observedAll });
authenticatorContract({ name: 'guarded', around: guardedAll });
authenticatorContract({ name: 'cached', around: cachedAll, outlivesCaller: true });
authenticatorContract({
  name: 'all of them together',
  around: (inner) => cachedAll(chained(observedAll(scopedAll(guardedAll(inner))))),
  outlivesCaller: true,
});

for (const [name, around] of Object.entries({ guarded: guardedAll, cached: cachedAll })) containsBugs({ name, around });
