// Faults beside others: a key that failed hides no check of the rest, and no check guesses about it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BIND, faultsOf, GROUPS, PEOPLE } from './open-ldap.ts';

const URLS = ['ldaps://dc1.corp.example'];
const happy = { urls: URLS, bind: BIND, userSearch: { baseDN: PEOPLE } };

const behind = [
  {
    name: 'everything behind an unreadable password',
    given: {
      urls: ['ldap://dc1'],
      bind: { ...BIND, password: { file: 'missing' } },
      groupSearch: { baseDN: GROUPS, filter: '(x' },
    },
    want: ['bind.password', 'groupSearch.filter', 'urls.0', ''],
  },
  {
    name: 'plain text behind a server that is none',
    given: { ...happy, urls: ['https://dc1', 'ldap://dc2'] },
    want: ['urls.0', 'urls.1'],
  },
  {
    name: 'a wrong filter behind a wrong scope',
    given: { ...happy, userSearch: { baseDN: PEOPLE, scope: 'tree', filter: '(uid=x)' } },
    want: ['userSearch.filter', 'userSearch.scope'],
  },
  {
    name: 'no guess about plain text when startTLS is no answer',
    given: { ...happy, urls: ['ldap://dc1'], startTLS: 'x' },
    want: ['startTLS'],
  },
  { name: 'no guess about servers that are no list', given: { ...happy, urls: 'ldap://dc1' }, want: ['urls'] },
  { name: 'no guess about a search that is a word', given: { urls: URLS, userSearch: 'x' }, want: ['userSearch'] },
  {
    name: 'no guess about a base that is none',
    given: { ...happy, userSearch: { baseDN: 5 } },
    want: ['userSearch.baseDN'],
  },
  { name: 'no guess about a userDN that is a number', given: { urls: URLS, userDN: 5 }, want: ['userDN'] },
  {
    name: 'no guess about filters in a directory of no kind',
    given: { ...happy, directory: 'x', groupSearch: { baseDN: GROUPS, nested: true } },
    want: ['directory'],
  },
  {
    name: 'no guess about a group filter that is none',
    given: { ...happy, groupSearch: { baseDN: GROUPS, filter: 5, nested: true } },
    want: ['groupSearch.filter'],
  },
  {
    name: 'no guess about certificates that are not there',
    given: { ...happy, tls: { caFile: 'missing' } },
    want: ['tls.caFile'],
  },
];

for (const { name, given, want } of behind) {
  void test(`beside another fault: ${name}`, () => {
    assert.deepEqual(
      faultsOf(given).map((fault) => fault.split(': ')[0]),
      want,
    );
  });
}
