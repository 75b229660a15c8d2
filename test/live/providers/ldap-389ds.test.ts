// ldap against a real 389 Directory Server, laid out as FreeIPA's: its recipe, its codes, its limits.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { attributesOf, outcome } from '../../providers/ldap/open-ldap.ts';
import { type Ds389, ds389Missing, startDs389 } from '../rig/ds389.ts';
import { DS_SERVICE, DS_SUFFIX, IPA_GROUPS, IPA_USERS, MANY_GROUPS } from '../rig/ds389-data.ts';
import { withLdap } from './ldap-world.ts';
import { recipe, withBroker } from './recipe.ts';

void describe('ldap with 389 Directory Server', { skip: ds389Missing() }, () => {
  let server: Ds389;
  before(async () => {
    server = await startDs389();
  });
  after(() => server?.stop());

  const bind = { dn: DS_SERVICE.dn, password: { env: 'SERVICE' } };
  const login = (options: object, username: string, password: string) =>
    withLdap(
      { urls: [server.ldapsUrl], tls: { caFile: server.caFile }, bind, userSearch: { baseDN: IPA_USERS }, ...options },
      DS_SERVICE.password,
      (ldap) => ldap.login(username, password),
    );
  const changeService = (line: string) => server.ldapmodify(`dn: ${DS_SERVICE.dn}\nchangetype: modify\n${line}`);
  const groupSearch = { baseDN: IPA_GROUPS, nested: true };

  void test('the recipe for FreeIPA: groups of groups, and no rule about hosts among them', async () => {
    const own = { suffix: DS_SUFFIX, urls: [server.ldapsUrl], caFile: server.caFile };
    await withBroker([recipe('FreeIPA and 389 Directory Server', own)], DS_SERVICE.password, async (directory) => {
      assert.equal(await directory.login('ALICE:pw-alice'), 'authenticated ipa:alice ipa:devs ipa:eng');
      assert.equal(await directory.login('carol:pw-carol'), 'authenticated ipa:carol ipa:eng');
      assert.equal(await directory.login('nobody:pw'), 'rejected unknown-user');
      assert.equal(await directory.login('gone:pw-gone'), 'rejected account-locked');
    });
  });

  void test('memberOf alone names what is no group of people, as the page says', async () => {
    const { groups, subject, entryUUID, nsUniqueId } = attributesOf(await login({}, 'alice', 'pw-alice'));
    assert.deepEqual(groups, ['devs', 'eng', '8f6e7f2c-rule']);
    assert.equal(subject, entryUUID ?? nsUniqueId);
  });

  void test('wrong passwords are refused, and from the lock on every password', async () => {
    for (let attempt = 0; attempt < 3; attempt += 1) {
      assert.equal(outcome(await login({}, 'lea', 'wrong')), 'rejected wrong-password'); // oxlint-disable-line no-await-in-loop -- one after the other
    }
    assert.equal(outcome(await login({}, 'lea', 'pw-lea')), 'rejected account-locked');
    assert.equal(outcome(await login({ passwordPolicy: false }, 'lea', 'pw-lea')), 'rejected account-locked');
  });

  void test('a password that must be changed is no login, with the control and without', async (t) => {
    const mustChange = (how: string) =>
      server.ldapmodify(`dn: cn=config\nchangetype: modify\nreplace: passwordMustChange\npasswordMustChange: ${how}\n`);
    t.after(() => mustChange('off'));
    await mustChange('on');
    const lines = ['changetype: add', 'objectClass: inetOrgPerson', 'cn: reset', 'sn: reset', 'userPassword: pw-reset'];
    await server.ldapmodify([`dn: uid=reset,${IPA_USERS}`, ...lines, ''].join('\n'));
    assert.equal(outcome(await login({}, 'reset', 'pw-reset')), 'rejected password-must-change');
    assert.equal(outcome(await login({ passwordPolicy: false }, 'reset', 'pw-reset')), 'rejected password-must-change');
    assert.equal(outcome(await login({}, 'alice', 'pw-alice')), 'authenticated');
  });

  void test(`${MANY_GROUPS} groups are more than the server's size limit, and come in pages`, async () => {
    const { groups } = attributesOf(await login({ groupSearch }, 'many', 'pw-many'));
    assert.equal(Array.isArray(groups) && groups.length, MANY_GROUPS);
  });

  for (const attribute of ['nsPagedSizeLimit', 'nsLookThroughLimit']) {
    void test(`${attribute} of the service account is an outage, never fewer groups`, async (t) => {
      t.after(() => changeService(`delete: ${attribute}\n`));
      await changeService(`add: ${attribute}\n${attribute}: 20\n`);
      assert.equal(outcome(await login({ groupSearch }, 'many', 'pw-many')), 'unavailable directory-error');
      assert.equal(outcome(await login({ groupSearch }, 'alice', 'pw-alice')), 'authenticated');
    });
  }
});
