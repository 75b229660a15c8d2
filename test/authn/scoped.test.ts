// match and login: a credential goes no further than its owner, and an owner's word is final.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type EntryScope, scoped } from '../../src/authn/scoped.ts';
import { compile, type Use } from '../../src/cel/compile.ts';
import type { TraceStep } from '../../src/core/authenticator.ts';
import type { Decision } from '../../src/core/identity.ts';
import type { AbstainReason } from '../../src/core/reasons.ts';
import { ABSTAIN_REASONS } from '../../src/core/refusal-reasons.ts';
import { abstained, rejected, unavailable, type Verdict } from '../../src/core/verdict.ts';
import { answering, type GivenReview, NEVER_ABORTED, reviewOf, welcome } from '../support/reviews.ts';

function expression<U extends Use>(source: string, use: U) {
  const compiled = compile(source, use);
  if (!compiled.ok) throw new Error(compiled.message);
  return compiled.expression;
}

interface Given extends GivenReview {
  readonly accepts?: EntryScope['accepts'];
  readonly match?: string;
  readonly login?: string;
  readonly verdict?: Verdict<Decision>;
}

async function outcome({ accepts = ['password'], match, login, verdict = welcome(), ...review }: Given) {
  const inner = answering(verdict);
  const steps: TraceStep[] = [];
  const scope: EntryScope = {
    name: 'corp',
    accepts,
    match: match === undefined ? undefined : expression(match, 'match'),
    login: login === undefined ? undefined : expression(login, 'login'),
  };
  const asked = reviewOf({ ...review, trace: (step) => steps.push(step) });
  return { verdict: await scoped(inner, scope).authenticate(asked, NEVER_ABORTED), asked: inner.asked, steps };
}

const CORP = "credential.username.endsWith('@corp')";
const FAILS = "credential.claims.sub == 'x'";

void describe('outside, and then nobody is asked', () => {
  const rows: { name: string; given: Given; want: string }[] = [
    { name: 'another kind', given: { token: 'x' }, want: 'wrong-kind' },
    { name: 'another kind, whatever match says', given: { token: 'x', match: 'true' }, want: 'wrong-kind' },
    { name: 'a match that does not hold', given: { match: CORP }, want: 'no-match' },
    { name: 'a match that cannot be evaluated', given: { match: FAILS }, want: 'match-failed' },
    {
      name: 'a login that cannot be evaluated',
      given: { login: "credential.username.split('@')[1]" },
      want: 'login-failed',
    },
    { name: 'a login that is empty', given: { login: "''" }, want: 'login-failed' },
    { name: 'a login that no username can be', given: { login: "credential.username + '\\n'" }, want: 'login-failed' },
  ];
  for (const { name, given, want } of rows) {
    void test(name, async () => {
      const { verdict, asked } = await outcome(given);
      assert.deepEqual([verdict.kind, 'reason' in verdict && verdict.reason, asked.length], ['abstained', want, 0]);
    });
  }
  void test('what failed is told without the credential', async () => {
    const { verdict, steps } = await outcome({ match: FAILS, username: 'canary-user' });
    assert.doesNotMatch(JSON.stringify([verdict, steps]), /canary-user|wonderland/);
  });
});

void describe('inside', () => {
  void test('without match and login the very review goes on', async () => {
    const { verdict, asked } = await outcome({});
    assert.equal(verdict.kind, 'authenticated');
    assert.equal(asked[0]?.credential.kind === 'password' && asked[0].credential.username, 'alice');
  });
  void test('login is the name that is sent, the rest stays', async () => {
    const given = { username: 'alice@corp', match: CORP, login: "credential.username.split('@')[0]" };
    const { asked, steps } = await outcome(given);
    const credential = asked[0]?.credential;
    assert.ok(credential?.kind === 'password');
    assert.deepEqual([credential.username, credential.password.reveal()], ['alice', 'wonderland']);
    assert.equal(asked[0]?.fingerprint, reviewOf(given).fingerprint);
    assert.deepEqual(steps, [
      { step: 'match', provider: 'corp', holds: true },
      { step: 'login', provider: 'corp', login: 'alice' },
    ]);
  });
  void test('login does nothing to a bearer', async () => {
    const { verdict } = await outcome({ token: 'x', accepts: ['bearer'], login: "'alice'" });
    assert.equal(verdict.kind, 'authenticated');
  });
});

void describe('what an owner does not know', () => {
  const owned: readonly (readonly [AbstainReason, string])[] = [
    ['unknown-user', 'rejected user-not-found'],
    ['not-authenticated', 'rejected wrong-password'],
    ['unknown-token', 'rejected token-not-found'],
    ['unsupported-token', 'rejected token-not-found'],
    ['foreign-issuer', 'rejected wrong-issuer'],
    ['unknown-key', 'rejected bad-signature'],
    ['login-failed', 'rejected user-not-found'],
    ['wrong-kind', 'abstained wrong-kind'],
    ['no-match', 'abstained no-match'],
    ['match-failed', 'abstained match-failed'],
    ['no-provider', 'abstained no-provider'],
  ];
  for (const [reason, want] of owned) {
    void test(`${reason} with an explicit match is ${want}`, async () => {
      const { verdict } = await outcome({ match: 'true', verdict: abstained(reason, 'why') });
      assert.ok(verdict.kind === 'rejected' || verdict.kind === 'abstained');
      assert.deepEqual([`${verdict.kind} ${verdict.reason}`, verdict.detail], [want, 'why']);
    });
    void test(`${reason} without one is left open`, async () => {
      assert.deepEqual((await outcome({ verdict: abstained(reason) })).verdict, abstained(reason));
    });
  }
  void test('every reason to abstain is in this table', () => {
    assert.deepEqual(Object.keys(ABSTAIN_REASONS).toSorted(), owned.map(([reason]) => reason).toSorted());
  });
  for (const verdict of [welcome(), rejected('forbidden'), unavailable('timeout')]) {
    void test(`${verdict.kind} stays what it is`, async () => {
      assert.equal((await outcome({ match: 'true', verdict })).verdict, verdict);
    });
  }
  void test('a login that gives no name inside an explicit match is final', async () => {
    const { verdict } = await outcome({ match: 'true', login: "''" });
    assert.deepEqual(verdict, rejected('user-not-found'));
  });
});
