// What a mapping does around the identity: verdicts, audiences, counting and telling.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { usernameOverlap } from '../../src/authn/mapping/mapping.ts';
import { abstained, authenticated, rejected, unavailable, type Verdict } from '../../src/core/verdict.ts';
import { claimsOf, mappingFrom, outcomeOf, type Setup } from './mapping/setup.ts';
import { jane, maps, sub, usernameFrom } from './mapping/table.ts';

void describe('verdicts', () => {
  const rows: Verdict<never>[] = [abstained('unknown-user'), rejected('wrong-password'), unavailable('timeout')];
  for (const verdict of rows) {
    void test(`${verdict.kind} passes through`, async () => {
      assert.equal((await outcomeOf({ claims: verdict })).verdict, verdict);
    });
  }
  void test('the end of the credential is kept', async () => {
    const { verdict } = await outcomeOf({ claims: authenticated(claimsOf(jane), 1234) });
    assert.equal(verdict.kind === 'authenticated' && verdict.expiresAt, 1234);
  });
});

void describe('audiences', () => {
  const rows: { name: string; given: Omit<Setup, 'claims'> & { own?: string[] }; want: unknown }[] = [
    { name: 'nothing asked: left out', given: { own: ['a'] }, want: undefined },
    { name: 'those of the credential', given: { own: ['a'], asked: ['b', 'a'], endpoint: ['b'] }, want: ['a'] },
    { name: 'else those of the endpoint', given: { asked: ['b', 'a'], endpoint: ['b'] }, want: ['b'] },
    { name: 'none known: left out', given: { asked: ['a'] }, want: undefined },
    { name: 'none of those asked: rejected', given: { own: ['c'], asked: ['a'] }, want: 'wrong-audience' },
  ];
  for (const { name, given, want } of rows) {
    void test(name, async () => {
      const claims = { ...claimsOf(jane), ...(given.own && { audiences: given.own }) };
      const { verdict } = await outcomeOf({ ...given, claims });
      assert.deepEqual(
        verdict.kind === 'authenticated' ? verdict.value.audiences : verdict.kind === 'rejected' && verdict.reason,
        want,
      );
    });
  }
});

void test('reserved names are counted', async () => {
  const groups = { username: { claim: 'username', prefix: '' }, groups: { claim: 'groups', prefix: '' } };
  const entry = { claimMappings: groups };
  const dropped = claimsOf({ ...jane, groups: ['system:a', 'system:b', 'c'] });
  assert.deepEqual((await outcomeOf({ claims: dropped, entry })).reserved, [['group', 2]]);
  assert.deepEqual((await outcomeOf({ claims: claimsOf({ username: 'system:x' }), entry })).reserved, [
    ['username', 1],
  ]);
});

void test('explain is told every step', async () => {
  const entry = {
    ...maps({ groups: { claim: 'groups', prefix: '' }, uid: { expression: 'claims.username' } }),
    claimValidationRules: [{ claim: 'hd', requiredValue: 'x' }],
    userValidationRules: [{ expression: 'true', message: 'm' }],
  };
  const claims = claimsOf({ ...jane, hd: 'x', groups: ['system:masters', '', 'a'] });
  const { steps } = await outcomeOf({ claims, entry });
  assert.deepEqual(steps, [
    { step: 'claims', provider: 'corp', claims },
    { step: 'mapping', provider: 'corp', field: 'username', rule: 'claim username, prefix "p:"', value: 'p:jane' },
    { step: 'dropped', provider: 'corp', group: '', why: 'empty' },
    { step: 'mapping', provider: 'corp', field: 'groups', rule: 'claim groups', value: ['system:masters', 'a'] },
    { step: 'mapping', provider: 'corp', field: 'uid', rule: 'claims.username', value: 'jane' },
    { step: 'rule', provider: 'corp', rule: 'claim hd', holds: true },
    { step: 'rule', provider: 'corp', rule: 'true', holds: true, message: 'm' },
    { step: 'dropped', provider: 'corp', group: 'system:masters', why: 'reserved' },
  ]);
});

void describe('two providers could yield the same username', () => {
  const rows: { name: string; given: [object, object]; want: boolean }[] = [
    {
      name: 'with the same prefix',
      given: [usernameFrom(sub), usernameFrom({ claim: 'mail', prefix: 'p:' })],
      want: true,
    },
    { name: 'with an expression', given: [usernameFrom(sub), usernameFrom({ expression: 'claims.a' })], want: true },
    {
      name: 'not with different prefixes',
      given: [usernameFrom(sub), usernameFrom({ claim: 'mail', prefix: 'q:' })],
      want: false,
    },
  ];
  for (const { name, given, want } of rows) {
    void test(name, () => assert.equal(usernameOverlap(mappingFrom(given[0]), mappingFrom(given[1])), want));
  }
  void test('not by default, because the prefix is the name', () => {
    assert.equal(usernameOverlap(mappingFrom({}, 'a'), mappingFrom({}, 'b')), false);
  });
});
