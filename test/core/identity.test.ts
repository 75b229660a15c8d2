// The rules that every identity keeps, whatever a mapping says.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import {
  canonicalName,
  enforceIdentity,
  type Identity,
  type IdentityRules,
  isReserved,
  type Reserved,
} from '../../src/core/identity.ts';

const NO_NAMES: Reserved = { groups: [], usernames: [] };
const NONE: IdentityRules = { reserved: NO_NAMES, maxGroups: 1000, groupsOverLimit: 'reject' };
const CUT: IdentityRules = { ...NONE, groupsOverLimit: 'truncate' };
const draft = (change: Partial<Identity> = {}): Identity => ({ username: 'alice', groups: [], extra: {}, ...change });
const faultOf = (username: string, reserved = NO_NAMES) => {
  const result = enforceIdentity(draft({ username }), { ...NONE, reserved });
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
    const result = enforceIdentity(draft({ groups: ['system:masters', 'system：masters'] }), { ...NONE, reserved });
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
    { name: 'a hidden character', given: 'a\u200db', want: 'invalid-username' },
    { name: 'text that turns its direction', given: 'a\u202eb', want: 'invalid-username' },
    { name: 'a letter that shows nothing', given: 'a\u3164', want: 'invalid-username' },
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
      name: 'control, invisible and bidirectional characters',
      given: ['a\nb', 'c\ud800', 'a\u200bb', 'a\u202eb', 'a\u2066b', 'a\u00adb', 'a\u3164b', 'a\u2028b', 'a\u{e0041}b'],
      want: { kept: [], dropped: Array(9).fill('unprintable') },
    },
    { name: 'the heart of an emoji', given: ['team \u2764\ufe0f'], want: { kept: ['team \u2764\ufe0f'], dropped: [] } },
    {
      name: 'of more than 1 KiB',
      given: ['ü'.repeat(512), `${'ü'.repeat(512)}x`],
      want: { kept: ['ü'.repeat(512)], dropped: ['too long'] },
    },
  ];
  for (const { name, given, want } of rows) {
    void test(name, () => {
      const result = enforceIdentity(draft({ groups: given }), NONE);
      assert.ok(result.ok);
      assert.deepEqual({ kept: result.identity.groups, dropped: result.dropped.map(({ why }) => why) }, want);
    });
  }
  const many = ['', ...Array.from({ length: 1002 }, (_, index) => `g${index}`), 'g0'];
  void test('more than maxGroups refuse the login, those dropped for another cause do not count', () => {
    const result = enforceIdentity(draft({ groups: many }), NONE);
    const detail = 'groups: 1002, and maxGroups is 1000';
    assert.deepEqual(result, { ok: false, reason: 'too-many-groups', detail });
    assert.equal(enforceIdentity(draft({ groups: [...many.slice(0, 1001), '', 'g0'] }), NONE).ok, true);
  });
  void test('or are cut to the first ones, where that is written', () => {
    const result = enforceIdentity(draft({ groups: many }), CUT);
    assert.ok(result.ok);
    assert.equal(result.identity.groups.length, 1000);
    assert.equal(result.identity.groups.at(-1), 'g999');
    assert.deepEqual(
      result.dropped.map(({ why }) => why),
      ['empty', 'duplicate', 'over maxGroups', 'over maxGroups'],
    );
  });
});

void describe('uid and extra', () => {
  const rows: { name: string; given: Partial<Identity>; want: string | undefined }[] = [
    { name: 'pass unchanged', given: { uid: '1', extra: { 'example.org/a': ['b', ''] } }, want: undefined },
    { name: 'a newline in the uid', given: { uid: 'a\nb' }, want: 'uid' },
    { name: 'a hidden character in the uid', given: { uid: 'a\u200bb' }, want: 'uid' },
    { name: 'a uid of more than 1 KiB', given: { uid: 'x'.repeat(1025) }, want: 'uid' },
    {
      name: 'text that turns its direction in a value',
      given: { extra: { 'example.org/a': ['b'], 'example.org/c': ['d', '\u202ee'] } },
      want: 'extra example.org/c',
    },
    {
      name: 'half a surrogate pair in a value',
      given: { extra: { 'example.org/a': ['\udc00'] } },
      want: 'extra example.org/a',
    },
  ];
  for (const { name, given, want } of rows) {
    void test(name, () => {
      const result = enforceIdentity(draft(given), NONE);
      if (result.ok) assert.deepEqual([result.identity, want], [draft(given), undefined]);
      else assert.deepEqual([result.reason, result.detail], ['invalid-identity', want]);
    });
  }
});

void describe('canonical names', () => {
  const rows = [
    { name: 'width and outer space', given: [' ＡLICE\u00a0', 'alice'] },
    { name: 'composed and decomposed letters', given: ['ju\u0308rgen', 'JÜRGEN'] },
    { name: 'the three sigmas', given: ['ΟΔΥΣΣΕΥΣ', 'οδυσσευσ', 'οδυσσευς'] },
    { name: 'sharp s', given: ['strasse', 'STRASSE', 'straße', 'STRAẞE'] },
    { name: 'the letters i', given: ['ali', 'ALI', 'alı', 'ALİ', 'ali\u0307'] },
    {
      name: 'repeated spaces of any kind',
      given: ['john smith', 'John  Smith', 'john\u00a0\u2003smith', 'john\tsmith '],
    },
    {
      name: 'characters that show nothing',
      given: ['alice', 'al\u200bice', 'alice\ufe0f', 'a\u034flice', '\u00adalice'],
    },
    { name: 'ligatures', given: ['ﬁona', 'fiona', 'FIONA'] },
  ];
  for (const { name, given } of rows) {
    void test(`do not tell apart ${name}`, () => assert.equal(new Set(given.map(canonicalName)).size, 1));
  }
  void test('tell apart what is more than spelling', () => {
    const names = ['alice', 'al ice', 'alicé', 'alice2', 'bob', 'alice@corp.example', 'corp\\alice'];
    assert.equal(new Set(names.map(canonicalName)).size, names.length);
  });
  void test('are canonical again', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' })), (name) => {
        assert.equal(canonicalName(canonicalName(name)), canonicalName(name));
      }),
      { numRuns: 2000 },
    );
  });
  void test('are one for capitals and small letters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (name) => {
        assert.equal(canonicalName(name.toUpperCase()), canonicalName(name));
        assert.equal(canonicalName(name.toLowerCase()), canonicalName(name));
      }),
      { numRuns: 2000 },
    );
  });
});
