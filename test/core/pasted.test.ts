// What people paste or encode otherwise than the rules say: a reason of its own each, and no upstream asked.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { parseCredential } from '../../src/core/credential.ts';
import { base64, base64url, gistOf, jwtOf, RULES } from './tokens.ts';

const JWT = jwtOf({ iss: 'https://idp.example' });
const utf16 = (text: string): string => Buffer.from(text, 'utf16le').toString('base64');
const latin1 = (text: string): string => Buffer.from(text, 'latin1').toString('base64');

const rows: { name: string; given: string; want: string }[] = [
  { name: 'name and password in double quotes', given: '"alice:pw"', want: 'quoted-token' },
  { name: 'name and password in single quotes', given: "'alice:pw'", want: 'quoted-token' },
  { name: 'name and password in a word processor’s quotes', given: '“alice:pw”', want: 'quoted-token' },
  { name: 'quotes inside the base64', given: base64('"alice:pw"'), want: 'quoted-token' },
  { name: 'base64 in quotes', given: `"${base64('alice:pw')}"`, want: 'quoted-token' },
  { name: 'base64 with the second quote', given: `${base64('alice:pw')}"`, want: 'quoted-token' },
  { name: 'a JWT in quotes', given: `'${JWT}'`, want: 'quoted-token' },
  { name: 'a JWT with the first quote', given: `"${JWT}`, want: 'quoted-token' },
  { name: 'an opaque token in backticks', given: '`ghp_abc`', want: 'quoted-token' },
  { name: 'Basic and base64', given: `Basic ${base64('alice:pw')}`, want: 'scheme-in-token' },
  { name: 'basic in small letters, and a tab', given: `basic\t${base64('alice:pw')}`, want: 'scheme-in-token' },
  { name: 'Basic and a password in clear', given: 'Basic alice:pw', want: 'scheme-in-token' },
  { name: 'Bearer and a JWT', given: `Bearer ${JWT}`, want: 'scheme-in-token' },
  { name: 'Bearer and a password in clear', given: 'bearer alice:pw', want: 'scheme-in-token' },
  { name: 'the whole header', given: `Authorization: Bearer ${JWT}`, want: 'scheme-in-token' },
  { name: 'Bearer inside the base64', given: base64('Bearer alice:pw'), want: 'scheme-in-token' },
  { name: 'a space before a JWT', given: ` ${JWT}`, want: 'spaced-token' },
  { name: 'a line break behind a JWT', given: `${JWT}\r\n`, want: 'spaced-token' },
  { name: 'a line break behind base64', given: `${base64('alice:pw')}\n`, want: 'spaced-token' },
  {
    name: 'base64 in lines',
    given: base64(`alice:${'x'.repeat(80)}`).replaceAll(/.{76}/g, '$&\n'),
    want: 'spaced-token',
  },
  { name: 'blanks', given: '  ', want: 'spaced-token' },
  { name: 'PowerShell’s Unicode', given: utf16('alice:pw'), want: 'encoded-wide' },
  { name: 'PowerShell’s Unicode, base64url', given: utf16('jürgen:pä$$?').replace(/=+$/, ''), want: 'encoded-wide' },
  { name: 'UTF-16 with a byte-order mark', given: utf16('\ufeffalice:pw'), want: 'encoded-wide' },
  {
    name: 'UTF-16 of the other order',
    given: Buffer.from('alice:pw', 'utf16le').swap16().toString('base64'),
    want: 'encoded-wide',
  },
  { name: 'UTF-16 of a password in another script', given: utf16('ivanov:пароль'), want: 'encoded-wide' },
  { name: 'Latin-1', given: latin1('alice:gr\u00fc\u00dfe-2024'), want: 'encoded-latin' },
  { name: 'Latin-1 in the name', given: latin1('j\u00fcrgen:pw'), want: 'encoded-latin' },
  { name: 'Windows-1252 with a euro sign', given: latin1('alice:100\u0080'), want: 'encoded-latin' },
  { name: 'base64 of base64', given: base64(base64('alice:pw')), want: 'encoded-twice' },
  {
    name: 'base64 of base64, with the newline between',
    given: base64(`${base64('alice:pw')}\n`),
    want: 'encoded-twice',
  },
  { name: 'percent-encoded', given: 'alice%3Apw', want: 'percent-encoded-token' },
  { name: 'percent-encoded base64', given: encodeURIComponent(base64('alice:pw')), want: 'percent-encoded-token' },
];

void describe('a token that is one step away from a credential', () => {
  for (const { name, given, want } of rows) {
    void test(name, () => assert.equal(gistOf(parseCredential(given, RULES)), `refused: ${want}`));
  }

  void test('random opaque tokens of any usual length are left alone', () => {
    const lengths = [16, 20, 24, 32, 48];
    const tokens = lengths.flatMap((length) => Array.from({ length: 4000 }, () => randomBytes(length)));
    const refused = tokens.filter((bytes) => {
      const parsed = [bytes.toString('base64url'), bytes.toString('base64'), bytes.toString('hex')];
      return parsed.some((token) => parseCredential(token, RULES).kind === 'refused');
    });
    assert.ok(refused.length <= 2, `${refused.length} of ${tokens.length} were refused`);
  });

  void test('what it holds is not told', () => {
    for (const { given } of rows) {
      assert.deepEqual(Object.keys(parseCredential(given, RULES)), ['kind', 'reason']);
    }
  });

  void test('base64url of a name and password stays what it is', () => {
    assert.deepEqual(gistOf(parseCredential(base64url('alice:"pw"'), RULES)), ['alice', '"pw"']);
  });
});
