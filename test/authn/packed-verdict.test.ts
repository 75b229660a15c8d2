// A packed verdict unpacks to what it was, and packs what people have in common once.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { packed, sameValues, unpacked } from '../../src/authn/packed-verdict.ts';
import type { Decision } from '../../src/core/identity.ts';
import { type Authenticated, authenticated, unavailable } from '../../src/core/verdict.ts';

const ID = 'authentication.kubernetes.io/credential-id';
const PROVIDER = { 'kube-auth-broker/provider': ['ldap'] };
const identity = {
  username: 'ldap:älice 😀',
  uid: '1b4e28ba',
  groups: ['ldap:admins'],
  extra: { 'example.org/a': ['1', '2'], ...PROVIDER, [ID]: ['BROKER=x'] },
};
const { uid: _, ...withoutUid } = identity;

const rows: readonly { name: string; given: Authenticated<Decision> }[] = [
  { name: 'a whole one', given: { ...authenticated({ identity, audiences: ['a', 'b'] }, 99), by: 'ldap' } },
  { name: 'one without uid, audiences and provider', given: authenticated({ identity: withoutUid }) },
  { name: 'one without extra', given: authenticated({ identity: { ...identity, extra: {} } }) },
  {
    name: 'one with two credential-ids',
    given: authenticated({ identity: { ...identity, extra: { [ID]: ['BROKER=x', 'JTI=y'] } } }),
  },
  {
    name: 'one with no credential-id in its list',
    given: authenticated({ identity: { ...identity, extra: { [ID]: [] } } }),
  },
  {
    name: 'one with proof, detail and an upstream that was down',
    given: {
      ...authenticated({ identity }),
      proof: { isWithdrawn: false },
      detail: 'found by uid',
      upstream: unavailable('timeout'),
    },
  },
];

void describe('a packed verdict', () => {
  for (const { name, given } of rows) {
    void test(`${name} unpacks to what it was, written the same`, () => {
      const again = unpacked(packed(given, given.value.identity.groups, sameValues()));
      assert.deepEqual(again, given);
      assert.equal(JSON.stringify(again.value), JSON.stringify(given.value));
    });
  }

  void test('shows that its proof is withdrawn later', () => {
    const proof = { isWithdrawn: false };
    const kept = packed({ ...authenticated({ identity }), proof }, [], sameValues());
    proof.isWithdrawn = true;
    assert.equal(unpacked(kept).proof?.isWithdrawn, true);
  });

  void test('has its provider and audiences in common with others', () => {
    const same = sameValues();
    const [one, other] = ['x', 'y'].map((id) => {
      const extra = { ...PROVIDER, [ID]: [id] };
      return packed(authenticated({ identity: { ...identity, extra }, audiences: ['a'] }), [], same);
    });
    assert.equal(one?.extra, other?.extra);
    assert.equal(one?.audiences, other?.audiences);
  });

  void test('has nothing of its own in common once there were too many different ones', () => {
    const same = sameValues();
    const first = same(['0']);
    assert.equal(same(['0']), first);
    for (let index = 1; index <= 1000; index++) same([String(index)]);
    assert.notEqual(same(['0']), first);
    assert.deepEqual(same(['0']), first);
  });
});
