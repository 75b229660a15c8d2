// A list of revocations as text.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parse, stringify } from 'yaml';
import { formatRevocations, parseRevocations } from '../../src/issuer/revocation-text.ts';

const HEAD = { change: 7, watchedMs: 5000, forgottenMs: 1000, acceptedAt: 0 };
const entries = [
  { jti: 'a' },
  { jti: 'b: "c"\u2028', watchedMs: 4000 },
  { username: 'ldap:jürgen', before: 1_800_000_000_000 },
];

void describe('the text of a list', () => {
  const text = formatRevocations({ head: HEAD, entries });
  const rows = [
    { name: 'as it is written', given: text, want: { list: { head: HEAD, entries } } },
    { name: 'with a comment more', given: `${text}# mine\n`, want: { list: { head: HEAD, entries } } },
    {
      name: 'as YAML of another program, which drops comments',
      given: stringify(parse(text)),
      want: { list: { entries: entries.map(({ watchedMs: _watchedMs, ...entry }) => entry) } },
    },
    {
      name: 'with a comment that is no time',
      given: '- {"jti":"a # 1"} # mine\n',
      want: { list: { entries: [{ jti: 'a # 1' }] } },
    },
    {
      name: 'with the time that earlier versions wrote',
      given: '- {"jti":"a","expires":"2026-11-26T10:00:00Z"}\n',
      want: { list: { entries: [{ jti: 'a' }] } },
    },
    {
      name: 'with a key twice',
      given: '- {"jti":"a","jti":"b"}\n',
      want: { fault: 'has a fault at 1:14: this key is here twice' },
    },
    {
      name: 'with a first line that is no count',
      given: text.replace('"change":7', '"change":"7"'),
      want: { fault: 'has a first line that was changed' },
    },
  ];
  for (const { name, given, want } of rows) {
    void test(name, () => assert.deepEqual(parseRevocations(given), want));
  }
});
