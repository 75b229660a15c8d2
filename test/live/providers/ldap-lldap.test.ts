// A broker before a directory that behaves as lldap: a strict decoder, no groups of groups, 34 for a group among the members.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { type FakeLdapOptions, startFakeLdap } from '../../support/fake-ldap.ts';
import { type FakeEntry, fakeGroup, fakePerson } from '../../support/fake-ldap-data.ts';
import type { FakeScript } from '../../support/fake-ldap-session.ts';
import { makePki } from '../rig/pki.ts';
import { temporaryFolder } from '../rig/temp.ts';
import { waitFor } from '../rig/wait.ts';
import { type Directory, recipe, withBroker } from './recipe.ts';

const SUFFIX = 'dc=example,dc=org';
const GROUPS = `ou=groups,${SUFFIX}`;
const SECRET = 'svc-secret';
const service: FakeEntry = fakePerson('kube-auth-broker', SECRET);
const bases = ['people', 'groups'].map((ou) => ({ dn: `ou=${ou},${SUFFIX}`, attributes: { ou } }));
const alice = fakePerson('alice', 'pw-alice', { memberOf: `cn=devs,${GROUPS}` });

/** A filter whose text has the DN of a group is invalid to it. */
const refusesGroups: FakeScript = (request) =>
  request.op === 'search' && request.baseDN === GROUPS && JSON.stringify(request.filter).includes(`,${GROUPS}`)
    ? { code: 34, diagnostic: 'Invalid DN syntax' }
    : undefined;

async function inLldap(
  change: Partial<FakeLdapOptions>,
  written: object,
  use: (directory: Directory) => Promise<void>,
): Promise<void> {
  const pki = makePki(temporaryFolder('lldap-pki'));
  const lldap = await startFakeLdap({
    users: [alice, service],
    groups: [fakeGroup('devs', [alice.dn])],
    others: bases,
    tls: { cert: readFileSync(pki.server.certFile, 'utf8'), key: readFileSync(pki.server.keyFile, 'utf8') },
    readers: [service.dn],
    supportedControl: [],
    script: refusesGroups,
    ...change,
  });
  const entry = recipe('lldap', { suffix: SUFFIX, urls: [lldap.url], caFile: pki.caFile });
  const groupSearch = { baseDN: GROUPS, ...written };
  try {
    await withBroker([{ ...entry, options: { ...entry.options, groupSearch } }], SECRET, use);
  } finally {
    await lldap.close();
  }
}

const LET_IN = 'authenticated lldap:alice lldap:devs';

void describe('ldap with a directory as lldap', () => {
  void test('the recipe: people, groups, and nobody else', () =>
    inLldap({}, {}, async ({ login }) => {
      assert.equal(await login('Alice:pw-alice'), LET_IN);
      assert.equal(await login('alice:wrong'), 'rejected wrong-password');
      assert.equal(await login('nobody:pw'), 'rejected unknown-user');
    }));

  void test('with `nested` and code 34 people get in with their own groups, and the log says what is left out', () =>
    inLldap({}, { nested: true }, async ({ login, broker }) => {
      assert.equal(await login('alice:pw-alice'), LET_IN);
      const told = await waitFor('the line', () => broker.lines('groups dropped')[0]);
      assert.deepEqual([told['why'], told['group']], ['not asked', 'groups of groups']);
      assert.match(String(told['detail']), /result code 34 .*Invalid DN syntax/);
      const explained = await broker.cli('explain', ['--username', 'alice'], 'pw-alice\n');
      assert.match(explained.stdout, /groups of groups/);
    }));

  void test('a decoder that refuses defaults written out lets people in where the control is known, too', () =>
    inLldap({ supportedControl: ['1.3.6.1.4.1.42.2.27.8.5.1', '1.2.840.113556.1.4.319'] }, {}, async ({ login }) =>
      assert.equal(await login('alice:pw-alice'), LET_IN),
    ));
});
