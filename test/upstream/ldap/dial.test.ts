// Addresses of directory servers, good ones and the sentences about bad ones.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseLdapUrl } from '../../../src/upstream/ldap/dial.ts';

const good = [
  { given: 'ldaps://dc1.corp.example', href: 'ldaps://dc1.corp.example:636' },
  { given: 'ldap://dc1.corp.example/', href: 'ldap://dc1.corp.example:389' },
  { given: 'ldaps://dc1.corp.example:3269', href: 'ldaps://dc1.corp.example:3269' },
  { given: 'ldap://[::1]:1389', href: 'ldap://[::1]:1389' },
  { given: 'ldap://127.8.9.1', href: 'ldap://127.8.9.1:389' },
  { given: 'ldap://localhost', href: 'ldap://localhost:389' },
];

for (const { given, href } of good) {
  void test(`${given} is ${href}`, () => {
    const url = parseLdapUrl(given);
    assert.ok(typeof url !== 'string');
    assert.equal(url.href, href);
  });
}

const bad = [
  { given: 'https://dc1', want: /address such as ldaps/ },
  { given: 'dc1:636', want: /address such as ldaps/ },
  { given: 'ldap:///', want: /host|address/ },
  { given: 'ldaps://cn=x:pw@dc1', want: /user or a password/ },
  { given: 'ldaps://dc1/dc=x?uid?sub', want: /end after the host and port/ },
  { given: 'ldaps://dc1%00.evil', want: /host|address/ },
  { given: 'ldaps://dc1:0', want: /port 0/ },
];

for (const { given, want } of bad) {
  void test(`${given} is refused with a sentence`, () => {
    const fault = parseLdapUrl(given);
    assert.ok(typeof fault === 'string');
    assert.match(fault, want);
  });
}
