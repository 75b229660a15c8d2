// The fake directory speaks LDAP as others understand it: the client here is the driver's own, not the broker's.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client, InvalidCredentialsError } from 'ldapts';
import { issueLoopback, makeAuthority } from './certificates.ts';
import { startFakeLdap } from './fake-ldap.ts';
import { fakeGroup, fakePerson } from './fake-ldap-data.ts';
import { patient } from './patience.ts';

const authority = makeAuthority('fake ldap');
const alice = fakePerson('alice', 'pw', { mail: ['a@x', 'b@x'], memberOf: 'cn=devs' });
const many = Array.from({ length: 5 }, (_, index) => fakeGroup(`g${index}`, [alice.dn]));
const options = { users: [alice], groups: many, tls: issueLoopback(authority), isStrict: false };

async function withClient(startTLS: boolean, run: (client: Client) => Promise<void>): Promise<void> {
  const directory = await startFakeLdap({ ...options, startTLS });
  const trust = { ca: authority.cert, host: 'localhost' };
  const client = new Client({ url: directory.url, timeout: patient(2000), ...(startTLS ? {} : { tlsOptions: trust }) });
  try {
    if (startTLS) await client.startTLS({ ...trust });
    await run(client);
    assert.ok(directory.binds.every(({ encrypted }) => encrypted));
  } finally {
    await client.unbind();
    await directory.close();
  }
}

for (const startTLS of [false, true]) {
  void test(`another client binds over ${startTLS ? 'StartTLS' : 'LDAPS'}, and is refused with a wrong password`, () =>
    withClient(startTLS, async (client) => {
      await client.bind(alice.dn, 'pw');
      await assert.rejects(client.bind(alice.dn, 'wrong'), InvalidCredentialsError);
    }));
}

void test('another client finds entries, with the attributes it asks for', () =>
  withClient(false, async (client) => {
    const base = 'dc=example,dc=org';
    const { searchEntries } = await client.search(base, {
      filter: '(&(uid=ALICE)(!(uid=bob)))',
      attributes: ['mail', 'memberOf'],
    });
    assert.deepEqual(searchEntries, [{ dn: alice.dn, mail: ['a@x', 'b@x'], memberOf: 'cn=devs' }]);
    const all = await client.search(base, { filter: '(uid=alice)', attributes: ['*'] });
    assert.equal(all.searchEntries[0]?.['memberOf'], undefined);
  }));

void test('another client reads page by page', () =>
  withClient(false, async (client) => {
    const { searchEntries } = await client.search('dc=example,dc=org', {
      filter: '(objectClass=groupOfNames)',
      paged: { pageSize: 2 },
    });
    assert.deepEqual(
      searchEntries.map(({ dn }) => dn),
      many.map(({ dn }) => dn),
    );
  }));
