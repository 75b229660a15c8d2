// ldap against OpenLDAPs with limits and dynamic groups: groups are never fewer than the directory says without a word.

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { attributesOf, outcome } from '../../providers/ldap/open-ldap.ts';
import { makePki, type Pki } from '../rig/pki.ts';
import { type Slapd, type SlapdOptions, slapdMissing, startSlapd } from '../rig/slapd.ts';
import { FAULTS_BASE, GROUPS, ldifRecord, PEOPLE, people, SERVICE, SUFFIX } from '../rig/slapd-data.ts';
import { temporaryFolder } from '../rig/temp.ts';
import { withLdap } from './ldap-world.ts';
import { recipe, withBroker } from './recipe.ts';

/** Over a page of the broker and over every limit below. */
const MANY = 250;
const { carol } = people;

const manyGroups = Array.from({ length: MANY }, (_, index) =>
  ldifRecord(`cn=g${index},${GROUPS}`, { objectClass: 'groupOfNames', cn: `g${index}`, member: carol.dn }),
).join('');

void describe('ldap with limits of OpenLDAP', { skip: slapdMissing() }, () => {
  let pki: Pki;
  before(() => {
    pki = makePki(temporaryFolder('limits-pki'));
  });

  async function withSlapd(options: Partial<SlapdOptions>, ldif: string, use: (slapd: Slapd) => Promise<void>) {
    const slapd = await startSlapd({ pki, ...options });
    try {
      await slapd.ldapadd(ldif);
      await use(slapd);
    } finally {
      await slapd.stop();
    }
  }

  const login = (slapd: Slapd, options: object) =>
    withLdap(
      {
        urls: [slapd.ldapsUrl],
        tls: { caFile: pki.caFile },
        bind: { dn: SERVICE.dn, password: { env: 'SERVICE' } },
        userSearch: { baseDN: PEOPLE },
        ...options,
      },
      SERVICE.password,
      (ldap) => ldap.login(carol.uid, carol.password),
    );

  const hundred = 'size.soft=100 size.hard=100';
  const rows = [
    { limits: 'size=unlimited size.pr=100', want: 'all' },
    { limits: 'size=unlimited size.prtotal=disabled', want: 'all' },
    { limits: `${hundred} size.pr=100 size.prtotal=unlimited`, want: 'all' },
    { limits: `${hundred} size.prtotal=unlimited`, want: 'all' },
    { limits: `${hundred} size.prtotal=disabled`, want: 'unavailable directory-error' },
    { limits: `${hundred} size.prtotal=150`, want: 'unavailable directory-error' },
  ];
  for (const { limits, want } of rows) {
    void test(`${MANY} groups with ${limits}: ${want}`, () =>
      withSlapd({ serviceLimits: limits }, manyGroups, async (slapd) => {
        const verdict = await login(slapd, { groupSearch: { baseDN: GROUPS } });
        if (want !== 'all') return assert.equal(outcome(verdict), want);
        const { groups } = attributesOf(verdict);
        assert.equal(Array.isArray(groups) && groups.filter((name) => /^g\d+$/.test(String(name))).length, MANY);
      }));
  }

  void test('a search for groups that ends at a limit of time, size or work is an outage', () =>
    withSlapd({}, '', async (slapd) => {
      for (const fault of ['timelimit', 'sizelimit', 'adminlimit']) {
        const groupSearch = { baseDN: `cn=${fault},${FAULTS_BASE}` };
        assert.equal(outcome(await login(slapd, { groupSearch })), 'unavailable directory-error', fault); // oxlint-disable-line no-await-in-loop -- one after the other
      }
    }));

  void test('groups at another server are stated as not asked', () => {
    const away = ldifRecord(`ou=away,${GROUPS}`, {
      objectClass: ['referral', 'extensibleObject'],
      ou: 'away',
      ref: `ldap://elsewhere.example/ou=away,${GROUPS}`,
    });
    return withSlapd({}, away, async (slapd) => {
      const verdict = await login(slapd, { groupSearch: { baseDN: GROUPS } });
      assert.deepEqual(attributesOf(verdict)['groups'], ['eng']);
      const [dropped] = (verdict.kind === 'authenticated' && verdict.value.droppedGroups) || [];
      assert.deepEqual([dropped?.group, dropped?.why], ['groups at another server', 'not asked']);
      assert.match(dropped?.detail ?? '', /ldap:\/\/elsewhere\.example\/ou=away/);
    });
  });

  const dynamic = [
    ldifRecord(`cn=dynamic,${GROUPS}`, {
      objectClass: 'groupOfURLs',
      cn: 'dynamic',
      memberURL: `ldap:///${PEOPLE}??sub?(uid=carol)`,
    }),
    ldifRecord(`cn=above,${GROUPS}`, { objectClass: 'groupOfNames', cn: 'above', member: `cn=dynamic,${GROUPS}` }),
  ].join('');
  const dynamicGroups = { dynamicGroups: true };

  void test('the recipe for dynlist: a dynamic group is among the groups', () =>
    withSlapd(dynamicGroups, dynamic, async (slapd) => {
      const own = { suffix: SUFFIX, urls: [slapd.ldapsUrl], caFile: pki.caFile };
      await withBroker([recipe('OpenLDAP with dynamic groups', own)], SERVICE.password, async (directory) => {
        const want = 'authenticated corp-ldap:carol corp-ldap:dynamic corp-ldap:eng';
        assert.equal(await directory.login('carol:pw-carol'), want);
      });
    }));

  const ways = [
    { name: 'memberOf', options: {}, want: ['dynamic', 'eng'] },
    {
      name: 'groups of groups',
      options: { groupSearch: { baseDN: GROUPS, nested: true } },
      want: ['above', 'all', 'dynamic', 'eng'],
    },
  ];
  for (const { name, options, want } of ways) {
    void test(`a dynamic group is found by ${name}`, () =>
      withSlapd(dynamicGroups, dynamic, async (slapd) => {
        const { groups } = attributesOf(await login(slapd, options));
        assert.deepEqual(Array.isArray(groups) && groups.map(String).toSorted((a, b) => (a < b ? -1 : 1)), want);
      }));
  }

  void test('the recipe for posix groups: by mail and by name the same person, in the same groups', () =>
    withSlapd({}, '', async (slapd) => {
      const own = { suffix: SUFFIX, urls: [slapd.ldapsUrl], caFile: pki.caFile };
      await withBroker([recipe('Posix groups with a login by mail', own)], SERVICE.password, async (directory) => {
        const want = 'authenticated corp-posix:alice corp-posix:unix-admins corp-posix:unix-users';
        for (const name of ['alice', 'ALICE', 'alice@itest.test']) {
          assert.equal(await directory.login(`${name}:pw-alice`), want); // oxlint-disable-line no-await-in-loop -- one after the other
        }
      });
    }));
});
