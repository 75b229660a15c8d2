// Password guessing by several names, providers and upstreams of one person, and what a refusal ends.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { failedPasswords } from '../../src/authn/failed-passwords.ts';
import { type PasswordMemory, passwordHistory, passwordMemory } from '../../src/authn/password-memory.ts';
import type { Review } from '../../src/core/authenticator.ts';
import { abstained, unavailable, type Verdict } from '../../src/core/verdict.ts';
import type { Attempt } from '../../src/stores/shared-failures.ts';
import { fakeClock, settled } from '../support/fake-clock.ts';
import { reviewOf } from '../support/reviews.ts';
import { inOrder } from '../support/settled.ts';

import {
  BUDGET,
  DIFFERENT,
  fingerprints,
  guardOf,
  RIGHT,
  range,
  SETTINGS,
  WRONG,
  wrongly,
} from './failed-passwords-setup.ts';

const twice = async ({ spendOn }: Review): Promise<Verdict<string>> =>
  (await spendOn?.('a')) ?? (await spendOn?.('A')) ?? WRONG;

const decidedAs = (final: Verdict<unknown>) => {
  const listeners: ((verdict: Verdict<unknown>) => void)[] = [];
  const decide = () => {
    for (const listener of listeners) listener(final);
  };
  return { onDecided: (listener: (verdict: Verdict<unknown>) => void) => void listeners.push(listener), decide };
};

const proofOf = async (memory: PasswordMemory, username: string, verdict: Verdict<string>, account?: string) => {
  const guard = failedPasswords<string>({ memory, fingerprints, within: '', blocked: () => undefined });
  const told = await guard.spend(reviewOf({ username }), async ({ spendOn }) => {
    return (account === undefined ? undefined : await spendOn?.(account)) ?? verdict;
  });
  return told.kind === 'authenticated' ? told.proof : undefined;
};

/** The second question, that for the account, is held; resolves it with what the store says. */
const heldStore = () => {
  const held = Promise.withResolvers<void>();
  const ends: string[] = [];
  let asked = 0;
  const begin = async (): Promise<Attempt> => {
    asked += 1;
    if (asked === 2) await held.promise;
    return { ofName: 1, ofPassword: 1, isVerified: false, end: (outcome) => ends.push(outcome) };
  };
  return { shared: { begin }, ends, release: held.resolve };
};

void describe('an account that is found when its review has been answered', () => {
  const TIMEOUT = unavailable('timeout');
  void test('begins nothing', async () => {
    const memory = passwordMemory(SETTINGS, fakeClock().monotonicMs);
    const guard = failedPasswords<string>({ memory, fingerprints, within: '', blocked: () => undefined });
    let late: Review['spendOn'];
    const told = await guard.spend(reviewOf(), async ({ spendOn }) => {
      late = spendOn;
      return TIMEOUT;
    });
    assert.deepEqual([told, await late?.('a')], [TIMEOUT, TIMEOUT]);
    assert.equal(memory.running.size, 0);
  });
  void test('gives back what the store was slow to count, and is asked for again', async () => {
    const { shared, ends, release } = heldStore();
    const memory = passwordMemory(SETTINGS, fakeClock().monotonicMs);
    const guard = failedPasswords<string>({ memory, fingerprints, within: '', blocked: () => undefined, shared });
    let late: ReturnType<NonNullable<Review['spendOn']>> | undefined;
    await guard.spend(reviewOf(), async ({ spendOn }) => {
      late = spendOn?.('a');
      return TIMEOUT;
    });
    release();
    assert.deepEqual([await late, ends, memory.running.size], [TIMEOUT, ['back', 'back'], 0]);
    const again = guard.spend(reviewOf(), async ({ spendOn }) => (await spendOn?.('a')) ?? RIGHT);
    assert.equal((await again).kind, 'authenticated');
  });
});

void describe('an account with several names', () => {
  const ALICE = { as: 'uid=alice,ou=people' };
  const names = ['alice', 'alice@corp.example', 'a.smith', 'CORP\\\\alice', 'alice2', 'alice3', 'alice4'];
  void test('has one budget, whatever was typed, and however its DN is spelled', async () => {
    const guard = guardOf();
    const verdicts = await inOrder(names, (name, index) =>
      guard.attempt(`${name}:${index}`, WRONG, { as: index % 2 === 0 ? ALICE.as : ' UID=Alice,OU=people' }),
    );
    assert.deepEqual(verdicts, [WRONG, WRONG, WRONG, WRONG, WRONG, BUDGET, BUDGET]);
    assert.deepEqual([guard.evaluated.length, guard.blocked()], [5, 2]);
  });
  void test('is tried once with one wrong password, whatever names ask at once', async () => {
    const guard = guardOf();
    const answer = Promise.withResolvers<Verdict<string>>();
    const all = names.map((name) => guard.attempt(`${name}:x`, answer.promise, ALICE));
    await settled();
    answer.resolve(WRONG);
    assert.deepEqual(
      await Promise.all(all),
      all.map(() => WRONG),
    );
    assert.equal(guard.evaluated.length, 1);
    await inOrder(names, (name) => guard.attempt(`${name}:x`, RIGHT, ALICE));
    assert.equal(guard.evaluated.length, 1, 'the refusal is remembered for the account');
  });
  void test('is counted before the call: 100 wrong passwords by as many names at once are 5 evaluations', async () => {
    const guard = guardOf();
    const answer = Promise.withResolvers<Verdict<string>>();
    const all = range(100).map((index) => guard.attempt(`name${index}:${index}`, answer.promise, ALICE));
    await settled();
    assert.equal(guard.evaluated.length, 5);
    answer.resolve(WRONG);
    assert.equal((await Promise.all(all)).filter(({ kind }) => kind === 'unavailable').length, 95);
  });
  void test('lets its owner in by the name whose password was right within the hour', async () => {
    const guard = guardOf();
    await guard.attempt('alice@corp.example:right', RIGHT, ALICE);
    await inOrder(range(9), (index) => guard.attempt(`alice:${index}`, WRONG, ALICE));
    assert.deepEqual(await guard.attempt('alice@corp.example:right', RIGHT, ALICE), RIGHT);
    assert.deepEqual(await guard.attempt('a.smith:right', RIGHT, ALICE), RIGHT, 'and by any other');
  });
  void test('the old password counts once more than max, by however many names it was right', async () => {
    const guard = guardOf();
    await inOrder(names, (name) => guard.attempt(`${name}:old`, RIGHT, ALICE));
    const before = guard.evaluated.length;
    await inOrder(range(9), (index) => guard.attempt(`guess${index}:${index}`, WRONG, ALICE));
    await inOrder(names, (name) => guard.attempt(`${name}:old`, WRONG, ALICE));
    assert.equal(guard.evaluated.length - before, SETTINGS.max + 1);
  });
  void test('what the account spared is not counted for the name', async () => {
    const guard = guardOf();
    await guard.attempt('alice:x', WRONG, ALICE);
    await inOrder(range(3), () => guard.attempt('a.smith:x', WRONG, ALICE));
    await inOrder(['1', '2', '3', '4'], (password) => guard.attempt(`a.smith:${password}`, WRONG, ALICE));
    assert.equal(guard.evaluated.length, 5);
  });
  void test('asked for twice in one evaluation is spent once', async () => {
    const memory = passwordMemory({ ...SETTINGS, max: 2 }, fakeClock().monotonicMs);
    const guard = failedPasswords<string>({ memory, fingerprints, within: '', blocked: () => undefined });
    assert.equal(await guard.spend(reviewOf({ password: '1' }), twice), WRONG);
    assert.equal(await guard.spend(reviewOf({ username: 'other', password: '2' }), twice), WRONG);
    assert.deepEqual(await guard.spend(reviewOf({ username: 'third', password: '3' }), twice), BUDGET);
  });
});

void describe('providers that share their accounts', () => {
  void test('share the budget of a name looked up in the same place, and of an account wherever it was found', async () => {
    const clock = fakeClock();
    const history = passwordHistory(SETTINGS.windowMs, clock.monotonicMs);
    const [people, again, staff] = [
      guardOf({}, history, 'ou=people'),
      guardOf({}, history, 'ou=people'),
      guardOf({}, history),
    ];
    await wrongly(people, DIFFERENT);
    assert.deepEqual(await again.attempt('alice:6', RIGHT), BUDGET);
    assert.deepEqual(await staff.attempt('alice:6', RIGHT), RIGHT, 'another alice');
    await inOrder(range(5), (index) => people.attempt(`b${index}:${index}`, WRONG, { as: 'uid=bob' }));
    assert.deepEqual(await staff.attempt('bob:6', RIGHT, { as: 'uid=bob' }), BUDGET);
  });
});

void describe('when a later provider of the chain authenticates', () => {
  const abstention = abstained('not-authenticated');
  void test('what the upstream did not know is given back', async () => {
    const guard = guardOf({ rejectedTTLMs: 0 });
    await inOrder(range(20), async () => {
      const { onDecided, decide } = decidedAs(RIGHT);
      assert.deepEqual(await guard.attempt('bob:his own', abstention, { onDecided }), abstention);
      decide();
    });
    assert.deepEqual([guard.evaluated.length, guard.blocked()], [20, 0]);
  });
  for (const final of [abstention, unavailable('timeout')]) {
    void test(`and not when the chain ends ${final.kind}`, async () => {
      const guard = guardOf();
      await inOrder(range(7), async (index) => {
        const { onDecided, decide } = decidedAs(final);
        await guard.attempt(`bob:${index}`, abstention, { onDecided });
        decide();
      });
      assert.equal(guard.evaluated.length, 5);
    });
  }
});

void describe('the proof of an accepted password', () => {
  const rows = [
    { name: 'is withdrawn by a refusal of another spelling', second: ['ALICE', undefined], want: true },
    { name: 'is withdrawn by a refusal of another name of the account', second: ['a.smith', 'uid=alice'], want: true },
    { name: 'is not withdrawn by a refusal of another account', second: ['bob', 'uid=bob'], want: false },
  ] as const;
  for (const { name, second, want } of rows) {
    void test(name, async () => {
      const clock = fakeClock();
      const memory = passwordMemory({ ...SETTINGS, acceptedTTLMs: 7_200_000 }, clock.monotonicMs);
      const proof = await proofOf(memory, 'alice', RIGHT, 'uid=alice');
      assert.equal(proof?.isWithdrawn, false);
      clock.step(7_199_000);
      await proofOf(memory, second[0], WRONG, second[1]);
      assert.equal(proof.isWithdrawn, want);
    });
  }
  void test('is one for all names of an account, and a new one after it was withdrawn', async () => {
    const memory = passwordMemory(SETTINGS, fakeClock().monotonicMs);
    const first = await proofOf(memory, 'alice', RIGHT, 'uid=alice');
    assert.equal(await proofOf(memory, 'a.smith', RIGHT, 'uid=alice'), first);
    await proofOf(memory, 'alice', WRONG, 'uid=alice');
    const next = await proofOf(memory, 'b', RIGHT, 'uid=b');
    assert.deepEqual([first?.isWithdrawn, next?.isWithdrawn], [true, false]);
  });
});
