// The chain against a second implementation, written from the table of verdicts, for every combination of verdicts.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type ChainEntry, chain } from '../../src/authn/chain.ts';
import type { Decision } from '../../src/core/identity.ts';
import { abstained, rejected, unavailable, type Verdict, type VerdictKind } from '../../src/core/verdict.ts';
import { answering, NEVER_ABORTED, reviewOf, welcome } from '../support/reviews.ts';
import { inOrder } from '../support/settled.ts';

interface Step {
  readonly kind: VerdictKind;
  readonly stop: boolean;
}

const VERDICTS: Readonly<Record<VerdictKind, Verdict<Decision>>> = {
  authenticated: welcome(),
  abstained: abstained('unknown-user'),
  rejected: rejected('wrong-password'),
  unavailable: unavailable('timeout'),
};
const KINDS: readonly VerdictKind[] = ['authenticated', 'abstained', 'rejected', 'unavailable'];
const STEPS: readonly Step[] = KINDS.flatMap((kind) => [
  { kind, stop: false },
  { kind, stop: true },
]);

interface Expected {
  readonly kind: VerdictKind;
  readonly asked: number;
  readonly by: number | undefined;
  readonly down: readonly number[];
}

/** The table in words: who is asked is one question, which of their answers counts is another. */
function expected(steps: readonly Step[]): Expected {
  const end = steps.findIndex(
    ({ kind, stop }) => kind === 'authenticated' || kind === 'rejected' || (kind === 'unavailable' && stop),
  );
  const asked = end === -1 ? steps.length : end + 1;
  const answers = steps.slice(0, asked).map(({ kind }) => kind);
  const kind = (['authenticated', 'unavailable', 'rejected'] as const).find((each) => answers.includes(each));
  const by = answers.indexOf(kind ?? 'abstained');
  const down = answers.flatMap((each, index) => (each === 'unavailable' ? [index] : []));
  return { kind: kind ?? 'abstained', asked, by: by === -1 ? undefined : by, down };
}

const entryOf = ({ kind, stop }: Step, index: number) => {
  const authenticator = answering(VERDICTS[kind]);
  return { name: `p${index}`, onUnavailable: stop ? 'stop' : 'continue', authenticator } as const;
};

async function check(steps: readonly Step[]): Promise<void> {
  const entries = steps.map(entryOf);
  const verdict = await chain(entries).authenticate(reviewOf(), NEVER_ABORTED);
  const want = expected(steps);
  const what = JSON.stringify(steps);
  assert.equal(verdict.kind, want.kind, what);
  assert.deepEqual(
    entries.map(({ authenticator }) => authenticator.asked.length),
    steps.map((_, index) => (index < want.asked ? 1 : 0)),
    what,
  );
  assert.equal(verdict.by, want.by === undefined ? undefined : `p${want.by}`, what);
  if (verdict.kind === 'unavailable')
    assert.deepEqual(
      verdict.providers,
      want.down.map((index) => `p${index}`),
      what,
    );
}

function combinations(length: number): readonly (readonly Step[])[] {
  if (length === 0) return [[]];
  return combinations(length - 1).flatMap((rest) => STEPS.map((step) => [step, ...rest]));
}

void describe('every combination of four verdicts and onUnavailable', () => {
  for (const length of [0, 1, 2, 3, 4]) {
    const all = combinations(length);
    void test(`${all.length} of ${length} providers`, async () => {
      await inOrder(all, check);
    });
  }
});

const ask = (verdicts: readonly Verdict<Decision>[]) => {
  const entries = verdicts.map((verdict, index): ChainEntry => {
    return { name: `p${index}`, onUnavailable: 'continue', authenticator: answering(verdict) };
  });
  return chain(entries).authenticate(reviewOf(), NEVER_ABORTED);
};

void describe('what the chain says', () => {
  void test('nobody to ask: no-provider, of nobody', async () => {
    assert.deepEqual(await ask([]), abstained('no-provider'));
  });
  void test('the first outage is the one that is told', async () => {
    const verdict = await ask([unavailable('timeout', 'a'), unavailable('tls-failed', 'b'), rejected('forbidden')]);
    assert.deepEqual(verdict, { ...unavailable('timeout', 'a'), by: 'p0', providers: ['p0', 'p1'], down: [] });
  });
  void test('among abstentions, the first that an upstream gave', async () => {
    const verdict = await ask([
      abstained('wrong-kind'),
      abstained('no-match'),
      abstained('unknown-user'),
      abstained('not-authenticated'),
    ]);
    assert.deepEqual(verdict, { ...abstained('unknown-user'), by: 'p2' });
  });
  void test('who authenticated is named, whatever was down before', async () => {
    assert.deepEqual(await ask([unavailable('timeout'), welcome('bob')]), { ...welcome('bob'), by: 'p1' });
  });
});

void describe('the end of the chain', () => {
  void test('is told once to every provider that wants to know, whatever it answered', async () => {
    const heard: string[] = [];
    const listening = (name: string, verdict: Verdict<Decision>): ChainEntry => ({
      name,
      onUnavailable: 'continue',
      authenticator: answering((review) => {
        review.onDecided?.((final) => heard.push(`${name} ${final.kind}`));
        return verdict;
      }),
    });
    const entries = [
      listening('a', abstained('not-authenticated')),
      listening('b', welcome()),
      listening('c', welcome()),
    ];
    await chain(entries).authenticate(reviewOf(), NEVER_ABORTED);
    assert.deepEqual(heard, ['a authenticated', 'b authenticated']);
  });
  void test('names apart the providers whose upstream is down', async () => {
    const verdict = await ask([
      unavailable('too-busy'),
      { ...unavailable('timeout'), isDown: true },
      abstained('unknown-user'),
      unavailable('failed-password-budget'),
    ]);
    assert.ok(verdict.kind === 'unavailable');
    assert.deepEqual([verdict.providers, verdict.down], [['p0', 'p1', 'p3'], ['p1']]);
  });
});

void describe('when the review is over', () => {
  void test('nobody is asked who was not asked yet', async () => {
    const abort = new AbortController();
    const first = answering<Decision>(() => {
      abort.abort();
      return unavailable('connection-failed');
    });
    const second = answering<Decision>(welcome());
    const verdict = await chain([
      { name: 'a', onUnavailable: 'continue', authenticator: first },
      { name: 'b', onUnavailable: 'continue', authenticator: second },
    ]).authenticate(reviewOf(), abort.signal);
    assert.deepEqual(verdict, { ...unavailable('connection-failed'), by: 'a', providers: ['a', 'b'], down: [] });
    assert.equal(second.asked.length, 0);
  });
  void test('even the first is not asked when it was over before', async () => {
    const late = answering<Decision>(welcome());
    const entry = { name: 'a', onUnavailable: 'continue', authenticator: late } as const;
    const verdict = await chain([entry]).authenticate(reviewOf(), AbortSignal.abort());
    assert.deepEqual([verdict.kind, late.asked.length], ['unavailable', 0]);
  });
});
