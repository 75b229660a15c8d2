// Options: what loads, what a default comes to, and the sentence for each fault.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { optionWarnings } from '../../../providers/ldap/options.ts';
import { BIND, faultsOf, GROUPS, PEOPLE, parsedOptions, TLS } from './open-ldap.ts';

const URLS = ['ldaps://dc1.corp.example'];
const happy = { urls: URLS, bind: BIND, userSearch: { baseDN: PEOPLE } };
const userDN = `uid={username},${PEOPLE}`;

const faults = [
  { name: 'no way to find a user', given: { urls: URLS }, want: /^: does not say how users are found: set userSearch/ },
  { name: 'no server', given: { ...happy, urls: [] }, want: /^urls: must name at least one/ },
  {
    name: 'a server twice',
    given: { ...happy, urls: [...URLS, ...URLS] },
    want: /^urls\.1: names ldaps:.* a second time/,
  },
  {
    name: 'passwords in clear',
    given: { ...happy, urls: ['ldap://dc1'] },
    want: /^urls\.0: would carry passwords in clear: use ldaps/,
  },
  {
    name: 'startTLS with ldaps://',
    given: { ...happy, startTLS: true },
    want: /^urls\.0: is ldaps:\/\/, which startTLS is not for/,
  },
  { name: 'tls without TLS', given: { ...happy, urls: ['ldap://localhost'], tls: TLS }, want: /^tls: has no effect/ },
  {
    name: 'an authority that is no certificate',
    given: { ...happy, tls: { caFile: 'garbage.pem' } },
    want: /^tls: caFile, certFile and keyFile must be PEM/,
  },
  {
    name: 'a key of another certificate',
    given: { ...happy, tls: { certFile: 'client.crt', keyFile: 'other.key' } },
    want: /^tls: .*the key must belong to the certificate/,
  },
  { name: 'no user base DN', given: { ...happy, userSearch: {} }, want: /^userSearch: must have a baseDN/ },
  {
    name: 'a base that is no DN',
    given: { ...happy, userSearch: { baseDN: 'people' } },
    want: /^userSearch\.baseDN: is not a DN/,
  },
  {
    name: 'a filter without {username}',
    given: { ...happy, userSearch: { baseDN: PEOPLE, filter: '(uid=x)' } },
    want: /must contain \{username\}/,
  },
  {
    name: 'an unknown placeholder',
    given: { ...happy, userSearch: { baseDN: PEOPLE, filter: '(uid={user})' } },
    want: /unknown placeholder \{user\}/,
  },
  {
    name: 'a filter that does not parse',
    given: { ...happy, userSearch: { baseDN: PEOPLE, filter: '(&(uid={username})' } },
    want: /is not a search filter/,
  },
  {
    name: 'a wildcard beside the name',
    given: { ...happy, userSearch: { baseDN: PEOPLE, filter: '(uid={username}*)' } },
    want: /must compare \{username\}/,
  },
  {
    name: 'a name in place of an attribute',
    given: { ...happy, userSearch: { baseDN: PEOPLE, filter: '({username}=x)' } },
    want: /in values only/,
  },
  {
    name: 'escapes beyond ASCII',
    given: { ...happy, userSearch: { baseDN: PEOPLE, filter: '(&(o=\\c3\\a4)(uid={username}))' } },
    want: /as they are, not as/,
  },
  {
    name: 'an unknown scope',
    given: { ...happy, userSearch: { baseDN: PEOPLE, scope: 'tree' } },
    want: /^userSearch\.scope/,
  },
  {
    name: 'a userDN without {username}',
    given: { urls: URLS, userDN: PEOPLE },
    want: /^userDN: must contain \{username\}/,
  },
  { name: 'a bare userDN', given: { urls: URLS, userDN: '{username}' }, want: /^userDN: must be a DN such as/ },
  {
    name: 'the name not in the first RDN',
    given: { urls: URLS, userDN: 'cn=x,ou={username},dc=y' },
    want: /^userDN: must have \{username\} in its first part/,
  },
  {
    name: 'an account name without a base',
    given: { urls: URLS, userDN: '{username}@corp.example' },
    want: /^userDN: is no DN, so userSearch\.baseDN/,
  },
  {
    name: 'anonymous Active Directory',
    given: { ...happy, bind: undefined, directory: 'activeDirectory' },
    want: /needs bind or userDN/,
  },
  {
    name: 'a bind that is no DN',
    given: { ...happy, bind: { ...BIND, dn: 'EXTERNAL' } },
    want: /^bind\.dn: is not a DN/,
  },
  {
    name: 'a password inline',
    given: { ...happy, bind: { ...BIND, password: 'x' } },
    want: /^bind\.password: must be \{ file: path \}/,
  },
  {
    name: 'a group filter for everybody',
    given: { ...happy, groupSearch: { baseDN: GROUPS, filter: '(cn=*)' } },
    want: /^groupSearch\.filter: must contain/,
  },
  {
    name: 'nesting by name',
    given: { ...happy, directory: 'posix', groupSearch: { baseDN: GROUPS, nested: true } },
    want: /^groupSearch\.nested: needs a filter with \{dn\}/,
  },
  { name: 'an unknown key', given: { ...happy, userSerach: {} }, want: /unknown key/ },
];

for (const { name, given, want } of faults) {
  void test(`refused with a sentence: ${name}`, () => {
    const found = faultsOf(given);
    assert.ok(
      found.some((fault) => want.test(fault)),
      found.join('\n') || 'no fault',
    );
  });
}

void test('every fault is told, not only the first', () => {
  const given = {
    urls: ['ldap://dc1'],
    userSearch: { filter: '(uid=x)' },
    groupSearch: { baseDN: GROUPS, filter: '(x' },
  };
  assert.equal(faultsOf(given).length, 4);
});

void test('the defaults of a generic directory', () => {
  const { user, groups, pool, startTLS } = parsedOptions({ ...happy, groupSearch: { baseDN: GROUPS } });
  const search = { baseDN: PEOPLE, filter: '(uid={username})', scope: 'sub' };
  assert.deepEqual(user, { how: 'search', search, comparisons: [{ attribute: 'uid', prefix: '', suffix: '' }] });
  assert.deepEqual(groups, { baseDN: GROUPS, filter: '(member={dn})', nameAttribute: 'cn', nested: false });
  assert.deepEqual({ pool, startTLS }, { pool: { size: 10, idleTimeoutMs: 120_000 }, startTLS: false });
});

const groupDefaults = [
  {
    directory: 'posix',
    nested: undefined,
    filter: '(&(objectClass=posixGroup)(memberUid={username}))',
    byBroker: false,
  },
  {
    directory: 'activeDirectory',
    nested: undefined,
    filter: '(member:1.2.840.113556.1.4.1941:={dn})',
    byBroker: false,
  },
  { directory: 'activeDirectory', nested: false, filter: '(member={dn})', byBroker: false },
  { directory: 'generic', nested: true, filter: '(member={dn})', byBroker: true },
];

for (const { directory, nested, filter, byBroker } of groupDefaults) {
  void test(`the group filter of ${directory}, nested ${nested ?? 'by default'}`, () => {
    const groupSearch = { baseDN: GROUPS, ...(nested === undefined ? {} : { nested }) };
    const { groups } = parsedOptions({ ...happy, directory, groupSearch });
    assert.deepEqual([groups?.filter, groups?.nested], [filter, byBroker]);
  });
}

const fine = [
  { name: 'loopback in clear', given: { ...happy, urls: ['ldap://127.0.0.1', 'ldap://[::1]:1389'] }, warnings: 0 },
  { name: 'StartTLS', given: { ...happy, urls: ['ldap://dc1'], startTLS: true, tls: TLS }, warnings: 0 },
  {
    name: 'clear text that was asked for',
    given: { ...happy, urls: ['ldap://dc1'], allowPlaintext: true },
    warnings: 1,
  },
  { name: 'anonymous search', given: { ...happy, bind: undefined }, warnings: 1 },
  { name: 'a direct bind', given: { urls: URLS, userDN }, warnings: 0 },
  {
    name: 'a user principal name',
    given: { urls: URLS, userDN: '{username}@corp.example', userSearch: { baseDN: PEOPLE } },
    warnings: 0,
  },
  {
    name: 'a down-level name',
    given: { urls: URLS, userDN: 'CORP\\{username}', userSearch: { baseDN: PEOPLE } },
    warnings: 0,
  },
];

for (const { name, given, warnings } of fine) {
  void test(`loads: ${name}`, () => {
    const options = parsedOptions({ ...given, groupSearch: { baseDN: GROUPS } });
    assert.equal(optionWarnings(options).length, warnings);
  });
}
