// Whatever an upstream states, a mapping gives an identity that keeps every rule, or a refusal; it never throws.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { PROVIDER_KEY } from '../../../src/authn/mapped.ts';
import { CREDENTIAL_ID_KEY } from '../../../src/authn/mapping/identity.ts';
import { type Decision, isPrintable, isReserved, MAX_USERNAME_BYTES } from '../../../src/core/identity.ts';
import type { Verdict } from '../../../src/core/verdict.ts';
import { dataObject } from '../../../src/text/json.ts';
import { outcomeOf } from './setup.ts';

const claim = { claim: 'a', prefix: '' };
const ENTRIES: readonly object[] = [
  {},
  { claimMappings: { username: claim, groups: { claim: 'b', prefix: '' }, uid: { claim: 'c' } } },
  { claimMappings: { username: { claim: 'email', prefix: 'x:' }, groups: { claim: 'b', prefix: 'system:' } } },
  {
    claimMappings: {
      username: { expression: 'claims.a' },
      groups: { expression: 'claims.?b.orValue(null)' },
      uid: { expression: 'claims.?c.orValue("")' },
      extra: [{ key: 'example.org/a', valueExpression: 'claims.?b.orValue([])' }],
    },
    claimValidationRules: [{ expression: 'has(claims.a) && claims.?d.orValue(true) == true' }],
    userValidationRules: [{ expression: 'user.groups.all(g, g.size() < 1000)' }],
  },
  { claimMappings: { username: claim }, claimValidationRules: [{ claim: 'b', requiredValue: 'x' }] },
  { claimMappings: { username: claim, groups: { expression: 'claims.b.map(g, g.lowerAscii())' } } },
];

const nasty = fc.constantFrom(
  'system:masters',
  'ſystem：masters',
  ' System:Masters',
  '',
  ' ',
  'a\u0000b',
  '\ud800',
  'undefined',
  'x'.repeat(300),
  'jane',
);
const name = fc.oneof(nasty, fc.string(), fc.string({ unit: 'grapheme' }));
const value = fc.oneof(name, fc.array(name, { maxLength: 5 }), fc.jsonValue());
const keys = [
  'a',
  'b',
  'c',
  'd',
  'email',
  'email_verified',
  'username',
  'subject',
  'groups',
  '__proto__',
  'constructor',
];
const attributes = fc
  .array(fc.tuple(fc.constantFrom(...keys), value), { maxLength: 12 })
  .map((entries) => dataObject(entries));

function assertRules(verdict: Verdict<Decision>): void {
  if (verdict.kind === 'rejected') return;
  assert.equal(verdict.kind, 'authenticated');
  if (verdict.kind !== 'authenticated') return;
  const { username, uid, groups, extra } = verdict.value.identity;
  for (const text of [username, ...groups]) {
    assert.ok(text !== '' && isPrintable(text) && !isReserved(text), text);
  }
  assert.ok(Buffer.byteLength(username) <= MAX_USERNAME_BYTES && username.trim() === username);
  assert.ok(uid === undefined || (typeof uid === 'string' && uid !== ''));
  assert.ok(groups.length <= 1000 && new Set(groups).size === groups.length);
  assert.ok(
    Object.values(extra).every((values) => values.length > 0 && values.every((item) => typeof item === 'string')),
  );
  assert.deepEqual([extra[CREDENTIAL_ID_KEY], extra[PROVIDER_KEY]], [['BROKER=fingerprint'], ['corp']]);
}

void test('any claims give an identity that keeps the rules, or a refusal', async () => {
  await fc.assert(
    fc.asyncProperty(attributes, fc.constantFrom(...ENTRIES), async (given, entry) => {
      assertRules((await outcomeOf({ claims: { subject: 's', attributes: given }, entry })).verdict);
    }),
    { numRuns: 2000 },
  );
});

void test('no detail quotes a claim', async () => {
  const canary = dataObject(keys.map((key) => [key, { CANARY: ['CANARY', 1] }]));
  const outcomes = await Promise.all(
    ENTRIES.map(async (entry) => outcomeOf({ claims: { subject: 's', attributes: canary }, entry })),
  );
  for (const { verdict } of outcomes) {
    assert.equal(verdict.kind, 'rejected');
    assert.ok(!JSON.stringify(verdict).includes('CANARY'));
  }
});

void test('two thousand groups are refused, or cut to maxGroups where that is written', async () => {
  const attributesOfMany = dataObject([
    ['a', 'jane'],
    ['b', Array.from({ length: 2001 }, (_, i) => `g${i}`)],
  ]);
  const setup = {
    claims: { subject: 's', attributes: attributesOfMany },
    entry: { claimMappings: { username: claim, groups: { claim: 'b', prefix: '' } } },
  };
  const { verdict: refused } = await outcomeOf(setup);
  assert.equal(refused.kind === 'rejected' && refused.reason, 'too-many-groups');
  const { verdict, dropped } = await outcomeOf({ ...setup, rules: { groupsOverLimit: 'truncate' } });
  assert.equal(verdict.kind === 'authenticated' && verdict.value.identity.groups.length, 1000);
  assert.deepEqual(dropped, [['review', 'over maxGroups', 1001]]);
});
