// When groups are searched: never before the password is proved, and beside the reading of the entry where the DN tells them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeGroup, fakePerson } from '../../support/fake-ldap-data.ts';
import type { FakeScript } from '../../support/fake-ldap-session.ts';
import { attributesOf, GROUPS, inDirectory, outcome, PEOPLE, SERVICE } from './open-ldap.ts';

const ALICE = fakePerson('alice', 'pw');
const DEVS = `cn=devs,${GROUPS}`;
const world = { users: [ALICE], groups: [fakeGroup('devs', [ALICE.dn]), fakeGroup('eng', [DEVS])] };
const groupSearch = { baseDN: GROUPS };

void test('groups are searched by the service account, after the password was proved', () =>
  inDirectory(world, { groupSearch }, async ({ login }, directory) => {
    assert.equal(outcome(await login('alice', 'wrong')), 'rejected wrong-password');
    assert.deepEqual(
      directory.searches.map(({ baseDN }) => baseDN),
      [PEOPLE],
    );
    await login('alice', 'pw');
    const [found, ...read] = directory.searches.slice(1).map(({ baseDN, boundDn }) => `${baseDN} ${boundDn}`);
    assert.equal(found, `${PEOPLE} ${SERVICE.dn}`);
    assert.deepEqual(new Set(read), new Set([`${ALICE.dn} ${SERVICE.dn}`, `${GROUPS} ${SERVICE.dn}`]));
    assert.equal(read.length, 2);
  }));

void test('groups that the DN tells are searched while the entry is read', () => {
  const { promise: areAsked, resolve } = Promise.withResolvers<undefined>();
  const script: FakeScript = (request) => {
    if (request.op !== 'search') return undefined;
    if (request.baseDN === GROUPS) resolve(undefined);
    return request.baseDN === ALICE.dn ? areAsked : undefined;
  };
  return inDirectory(
    { ...world, script },
    { groupSearch: { ...groupSearch, nested: true } },
    async (ldap, directory) => {
      assert.deepEqual(attributesOf(await ldap.login('alice', 'pw'))['groups'], ['devs', 'eng']);
      assert.equal(directory.searches.filter(({ baseDN }) => baseDN === GROUPS).length, 3, 'one for each level');
    },
  );
});

void test('groups that need an attribute of the entry are searched after it was read', () =>
  inDirectory(
    world,
    { groupSearch: { ...groupSearch, filter: '(|(member={dn})(memberUid={uid}))' } },
    async ({ login }, directory) => {
      assert.deepEqual(attributesOf(await login('alice', 'pw'))['groups'], ['devs']);
      assert.deepEqual(
        directory.searches.map(({ baseDN }) => baseDN),
        [PEOPLE, ALICE.dn, GROUPS],
      );
    },
  ));
