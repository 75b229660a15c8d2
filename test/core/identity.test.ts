// The rules that every identity keeps, whatever a mapping says.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { canonicalName, enforceIdentity, type Identity, isReserved, type Reserved } from '../../src/core/identity.ts';

const NONE: Reserved = { groups: [], usernames: [] };
const draft = (change: Partial<Identity> = {}): Identity => ({ username: 'alice', groups: [], extra: {}, ...change });
const faultOf = (username: string, reserved = NONE) => {
  const result = enforceIdentity(draft({ username }), reserved);
  return result.ok ? undefined : result.reason;
};

const LOOKALIKES = [
  'system:masters',
  'SYSTEM:masters',
  'System:Masters',
  'system：masters',
  'system﹕masters',
  'ſystem:masters',
  'ſyﬆem:masters',
  'ｓｙｓｔｅｍ:masters',
  '𝐬𝐲𝐬𝐭𝐞𝐦:masters',
  'ⓢⓨⓢⓣⓔⓜ:masters',
  'system:',
];

void describe('names that look like system: ones are reserved', () => {
  for (const name of LOOKALIKES) {
    void test(name, () => {
      assert.equal(isReserved(name), true);
      assert.equal(isReserved(` \u00a0${name}\t`), true);
      assert.equal(faultOf(name), 'reserved-username');
      const result = enforceIdentity(draft({ groups: [name, ` ${name}`] }), NONE);
      assert.ok(result.ok);
      assert.deepEqual(result.identity.groups, []);
      assert.deepEqual(
        result.dropped.map(({ why }) => why),
        ['reserved', 'reserved'],
      );
    });
  }
  void test('listing one name in reserved admits exactly that spelling', () => {
    const reserved: Reserved = { usernames: ['system:node:a'], groups: ['system:masters'] };
    assert.equal(faultOf('system:node:a', reserved), undefined);
    assert.equal(faultOf('System:node:a', reserved), 'reserved-username');
    const result = enforceIdentity(draft({ groups: ['system:masters', 'system：masters'] }), reserved);
    assert.ok(result.ok);
    assert.deepEqual(result.identity.groups, ['system:masters']);
  });
  for (const name of ['systemd', 'system', 'ldap:system:masters', 'my system:masters', 'system;masters', '']) {
    void test(`not ${JSON.stringify(name)}`, () => assert.equal(isReserved(name), false));
  }
  void test('any name is reserved when its canonical form starts with system:, and only then', () => {
    const rest = fc.string({ unit: 'grapheme', maxLength: 10 });
    fc.assert(
      fc.property(rest, (tail) => {
        assert.equal(isReserved(`system:${tail}`.toUpperCase()), true);
        assert.equal(isReserved(`x${tail}`), false);
      }),
    );
  });
});

void describe('usernames', () => {
  const rows: { name: string; given: string; want: string | undefined }[] = [
    { name: 'an ordinary one', given: 'ldap:alice', want: undefined },
    { name: 'unicode', given: 'jürgen 王 🔑', want: undefined },
    { name: 'empty', given: '', want: 'invalid-username' },
    { name: 'blank', given: ' ', want: 'invalid-username' },
    { name: 'leading space', given: ' alice', want: 'invalid-username' },
    { name: 'trailing space', given: 'alice\u2003', want: 'invalid-username' },
    { name: 'a newline', given: 'a\nb', want: 'invalid-username' },
    { name: 'a C1 control character', given: 'a\u0085b', want: 'invalid-username' },
    { name: 'half a surrogate pair', given: 'a\ud800', want: 'invalid-username' },
    { name: '253 bytes', given: `${'ü'.repeat(126)}x`, want: undefined },
    { name: '254 bytes', given: 'ü'.repeat(127), want: 'invalid-username' },
    { name: 'reserved, but too long first', given: `system:${'x'.repeat(250)}`, want: 'invalid-username' },
  ];
  for (const { name, given, want } of rows) void test(name, () => assert.equal(faultOf(given), want));
});

void describe('groups', () => {
  const rows: { name: string; given: readonly string[]; want: { kept: string[]; dropped: string[] } }[] = [
    { name: 'are kept in order', given: ['b', 'a'], want: { kept: ['b', 'a'], dropped: [] } },
    { name: 'empty and blank', given: ['', ' ', 'a'], want: { kept: ['a'], dropped: ['empty', 'empty'] } },
    { name: 'duplicates', given: ['a', 'a', 'A'], want: { kept: ['a', 'A'], dropped: ['duplicate'] } },
    {
      name: 'control characters',
      given: ['a\nb', 'c\ud800'],
      want: { kept: [], dropped: Array(2).fill('control characters') },
    },
  ];
  for (const { name, given, want } of rows) {
    void test(name, () => {
      const result = enforceIdentity(draft({ groups: given }), NONE);
      assert.ok(result.ok);
      assert.deepEqual({ kept: result.identity.groups, dropped: result.dropped.map(({ why }) => why) }, want);
    });
  }
  void test('at most 1000, and those dropped for another cause do not count', () => {
    const groups = ['', ...Array.from({ length: 1002 }, (_, index) => `g${index}`), 'g0'];
    const result = enforceIdentity(draft({ groups }), NONE);
    assert.ok(result.ok);
    assert.equal(result.identity.groups.length, 1000);
    assert.equal(result.identity.groups.at(-1), 'g999');
    assert.deepEqual(
      result.dropped.map(({ why }) => why),
      ['empty', 'over 1000 groups', 'over 1000 groups', 'duplicate'],
    );
  });
});

void test('uid and extra pass unchanged', () => {
  const given = draft({ uid: '1', extra: { 'example.org/a': ['b'] } });
  const result = enforceIdentity(given, NONE);
  assert.ok(result.ok);
  assert.deepEqual(result.identity, given);
});

void test('canonical names: trimmed, NFKC, lower case, and canonical again', () => {
  assert.equal(canonicalName(' ＡLICE\u00a0'), 'alice');
  assert.equal(canonicalName('ju\u0308rgen'), canonicalName('JÜRGEN'));
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (name) => {
      assert.equal(canonicalName(canonicalName(name)), canonicalName(name));
    }),
    { numRuns: 300 },
  );
});
