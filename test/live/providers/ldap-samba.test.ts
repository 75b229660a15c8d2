// ldap against a real Active Directory (Samba): names, sub-codes, groups of groups, 2,000 groups, the primary group.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { attributesOf, outcome } from '../../providers/ldap/open-ldap.ts';
import { makePki } from '../rig/pki.ts';
import { type Samba, sambaMissing, startSamba } from '../rig/samba.ts';
import { AD_ADMIN, AD_BASE, AD_GROUPS, AD_ODD_GROUP, AD_PEOPLE, AD_USERS } from '../rig/samba-config.ts';
import { temporaryFolder } from '../rig/temp.ts';
import { withLdap } from './ldap-world.ts';
import { recipe, withBroker } from './recipe.ts';

const REASONS: Readonly<Record<string, string>> = {
  '530': 'logon-restricted',
  '531': 'logon-restricted',
  '532': 'password-expired',
  '533': 'account-disabled',
  '701': 'account-expired',
  '773': 'password-must-change',
  '775': 'account-locked',
};

/** Samba needs seconds for the in-chain rule over 2,000 groups on a busy machine. */
const DEADLINE_MS = 20_000;

void describe('ldap with Active Directory', { skip: sambaMissing() }, () => {
  let samba: Samba;
  before(async () => {
    samba = await startSamba({ pki: makePki(temporaryFolder('ldap-ad-pki')) });
  });
  after(() => samba.stop());

  const bind = { dn: AD_ADMIN.upn, password: { env: 'SERVICE' } };
  const search = { bind, directory: 'activeDirectory', userSearch: { baseDN: AD_BASE } };
  const inChain = { ...search, groupSearch: { baseDN: AD_GROUPS } };
  const login = (options: object, username: string, password: string) =>
    withLdap({ urls: [samba.ldapsUrl], tls: { caFile: samba.caFile }, ...options }, AD_ADMIN.password, (ldap) =>
      ldap.login(username, password, DEADLINE_MS),
    );

  for (const [name, user] of Object.entries(AD_USERS)) {
    const want = 'code' in user ? `rejected ${REASONS[user.code]}` : 'authenticated';
    void test(`${name} with the right password: ${want}`, async () => {
      assert.equal(outcome(await login(search, name.toUpperCase(), user.password)), want);
    });
  }

  void test('a wrong password, and nobody', async () => {
    assert.equal(outcome(await login(search, 'bob', 'wrong')), 'rejected wrong-password');
    assert.equal(outcome(await login(search, 'nobody', 'wrong')), 'abstained unknown-user');
  });

  void test('the subject is the GUID as text, and the name the directory`s', async () => {
    const { subject, username, sAMAccountName } = attributesOf(await login(search, 'ALICE', AD_USERS.alice.password));
    assert.ok(typeof subject === 'string');
    assert.match(subject, /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    assert.deepEqual([username, sAMAccountName], ['alice', 'alice']);
    const ldif = await samba.search(`(objectGUID=${guidFilter(subject)})`, ['sAMAccountName']);
    assert.match(ldif, /^sAMAccountName: alice$/m);
  });

  void test('the recipe for DOMAIN\\user, in any case and form', async () => {
    const own = { suffix: AD_BASE, urls: [samba.ldapsUrl], caFile: samba.caFile, bindDN: AD_ADMIN.upn };
    const entry = recipe('Active Directory with domain and name', own);
    // The in-chain rule over the rig's 2,000 groups takes Samba longer than a review may take.
    const groupSearch = { baseDN: AD_GROUPS, nested: false };
    const options = { ...entry.options, groupSearch };
    await withBroker([{ ...entry, options, timeout: '4s' }], AD_ADMIN.password, async ({ login: review }) => {
      const alice = `authenticated corp:alice corp:Domain Users corp:${AD_ODD_GROUP.cn} corp:devs`;
      assert.equal(await review('CORP\\alice:pw-alice'), alice);
      assert.equal(await review(Buffer.from('corp\\ALICE:pw-alice').toString('base64')), alice);
      assert.equal(await review('CORP\\alice:wrong'), 'rejected wrong-password');
      assert.equal(await review('CORP\\nobody:pw-alice'), 'rejected user-not-found');
      assert.equal(await review('OTHER\\alice:pw-alice'), 'rejected no-match');
      assert.equal(await review('alice:pw-alice'), 'rejected no-match');
    });
  });

  void test('groups: memberOf alone, and by the in-chain rule, both with the primary group', async () => {
    const direct = attributesOf(await login(search, 'alice', AD_USERS.alice.password))['groups'];
    assert.deepEqual(direct, ['Domain Users', 'devs', AD_ODD_GROUP.cn]);
    const chained = attributesOf(await login(inChain, 'alice', AD_USERS.alice.password))['groups'];
    assert.deepEqual(
      new Set(Array.isArray(chained) ? chained : []),
      new Set(['Domain Users', 'devs', 'eng', 'all', AD_ODD_GROUP.cn]),
    );
  });

  void test('groups searched from the top of the domain: its other parts are not spoken of', async () => {
    const options = { ...search, groupSearch: { baseDN: AD_BASE, nested: false } };
    const verdict = await login(options, 'alice', AD_USERS.alice.password);
    const { groups } = attributesOf(verdict);
    assert.deepEqual(
      new Set(Array.isArray(groups) ? groups : []),
      new Set(['Domain Users', 'Users', 'devs', AD_ODD_GROUP.cn]),
    );
    assert.equal(verdict.kind === 'authenticated' && verdict.value.droppedGroups, undefined);
  });

  void test('the groups of somebody whose DN is odd', async () => {
    const { groups } = attributesOf(await login(inChain, 'jmueller', AD_USERS.jmueller.password));
    assert.ok(Array.isArray(groups) && groups.includes(AD_ODD_GROUP.cn), JSON.stringify(groups));
  });

  for (const [name, options] of Object.entries({ memberOf: search, 'a search': inChain })) {
    void test(`2,000 groups come through ${name}`, async () => {
      const { groups } = attributesOf(await login(options, 'manygroups', AD_USERS.manygroups.password));
      assert.equal(Array.isArray(groups) && groups.filter((group) => /^many-\d{4}$/.test(String(group))).length, 2000);
    });
  }

  const accounts = [
    { name: 'as a user principal name, without a service account', options: { userDN: '{username}@ad.itest.test' } },
    { name: 'as DOMAIN\\user, without a service account', options: { userDN: 'ADITEST\\{username}' } },
    { name: 'as a user principal name, with a service account', options: { userDN: '{username}@ad.itest.test', bind } },
  ];
  for (const { name, options } of accounts) {
    void test(`direct bind ${name}`, async () => {
      const direct = { directory: 'activeDirectory', userSearch: { baseDN: AD_PEOPLE }, ...options };
      assert.equal(attributesOf(await login(direct, 'ALICE', AD_USERS.alice.password))['username'], 'alice');
      assert.equal(outcome(await login(direct, 'alice', 'wrong')), 'rejected wrong-password');
    });
  }

  void test('the probe finds everything in order', async () => {
    const options = { urls: [samba.ldapsUrl], tls: { caFile: samba.caFile }, ...inChain };
    const steps = await withLdap(options, AD_ADMIN.password, (ldap) => ldap.probe());
    assert.deepEqual(
      steps.filter(({ result }) => result !== 'ok'),
      [],
    );
    assert.match(steps.at(-1)?.step ?? '', /matching rule/);
  });
});

/** A GUID as text in the form in which a filter takes its bytes. */
function guidFilter(text: string): string {
  const [a = [], b = [], c = [], ...rest] = text.split('-').map((part): string[] => part.match(/../g) ?? []);
  const bytes = [...[a, b, c].flatMap((part) => part.toReversed()), ...rest.flat()];
  return bytes.map((byte) => `\\${byte}`).join('');
}
