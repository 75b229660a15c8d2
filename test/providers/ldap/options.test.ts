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
    want: /is not a search filter such as \(uid=\{username\}\): it lacks a comparison .*, at character \d+/,
  },
  {
    name: 'a group filter that is the same for everybody',
    given: { ...happy, groupSearch: { baseDN: GROUPS, filter: '(cn=x)' } },
    want: /^groupSearch\.filter: must contain \{dn\}, \{username\} or an attribute of the user such as \{uid\}/,
  },
  {
    name: 'a placeholder that is no attribute',
    given: { ...happy, groupSearch: { baseDN: GROUPS, filter: '(cn={user name})' } },
    want: /^groupSearch\.filter: has the unknown placeholder \{user name\}/,
  },
  {
    name: 'groups of groups without their DN',
    given: { ...happy, groupSearch: { baseDN: GROUPS, filter: '(memberUid={uid})', nested: true } },
    want: /^groupSearch\.nested: needs a filter with \{dn\}/,
  },
  {
    name: 'a name that only a not compares',
    given: { ...happy, userSearch: { baseDN: PEOPLE, filter: '(!(uid={username}))' } },
    want: /must compare \{username\}/,
  },
  {
    name: 'an attribute with a space',
    given: { ...happy, usernameAttribute: 'user name' },
    want: /^usernameAttribute: is not an attribute name/,
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

const BOTH = '(|(mail={username})(uid={username}))';

const fine = [
  {
    name: 'a filter with layout',
    given: { ...happy, userSearch: { baseDN: PEOPLE, filter: '(&\n  (objectClass=person)\n  (uid={username})\n)\n' } },
    warnings: 0,
  },
  {
    name: 'escapes beyond ASCII',
    given: { ...happy, userSearch: { baseDN: PEOPLE, filter: '(&(o=\\c3\\a4)(uid={username}))' } },
    warnings: 0,
  },
  {
    name: 'several names of one person',
    given: { ...happy, userSearch: { baseDN: PEOPLE, filter: BOTH } },
    warnings: 1,
  },
  {
    name: 'several names of one person, and which one counts',
    given: { ...happy, userSearch: { baseDN: PEOPLE, filter: BOTH }, usernameAttribute: 'uid' },
    warnings: 0,
  },
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
