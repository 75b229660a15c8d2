// Filters are read as RFC 4515 has it, values stay values, and what is written is what another client writes.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { BerWriter, FilterParser } from 'ldapts';
import { readBerElements } from '../../../src/upstream/ldap/ber.ts';
import { fillFilter, type ValuesOf, withAnyValue } from '../../../src/upstream/ldap/filter.ts';
import { parseFilter } from '../../../src/upstream/ldap/filter-text.ts';

const none: ValuesOf = () => [];

function filled(text: string, values: Readonly<Record<string, readonly (string | Buffer)[]>> = {}): Buffer | undefined {
  const filter = parseFilter(text);
  assert.ok(typeof filter !== 'string', typeof filter === 'string' ? `${text}: ${filter}` : '');
  return fillFilter(filter, (placeholder) => values[placeholder] ?? []);
}

/** As the client library of others writes it. */
function written(text: string): Buffer {
  const writer = new BerWriter();
  FilterParser.parseString(text).write(writer);
  return writer.buffer;
}

const KNOWN = [
  '(uid=alice)',
  '(&(objectClass=person)(uid=alice))',
  '(|(uid=alice)(mail=alice@x))',
  '(!(objectClass=computer))',
  '(&(a=b)(|(c=d)(!(e=f)))(g=*))',
  '(uidNumber>=1000)',
  '(uidNumber<=1000)',
  '(cn~=smith)',
  '(cn=a*b*c)',
  '(cn=*b*)',
  '(cn=a*)',
  '(cn=*c)',
  '(cn=a\\2a\\28b\\29\\5c)',
  '(cn=J\u00fcrgen)',
  '(cn=)',
  `(cn=${'long'.repeat(20_000)})`,
];

void describe('a filter', () => {
  for (const text of KNOWN) {
    void test(`${text.slice(0, 40)} is written as another client writes it`, () => {
      const ours = filled(text);
      assert.ok(ours !== undefined);
      assert.deepEqual(readBerElements(ours), readBerElements(written(text)));
    });
  }

  const layouts = [
    { name: 'between the parts', given: '( & (a=b)\n  (c=d)\t)\n' },
    { name: 'around an operator of several', given: '(& (a=b) (c=d))' },
    { name: 'before and after an attribute', given: '(&( a =b)( c=d))' },
    { name: 'with a line break, at the ends of a value', given: '(&(a=\n  b\n)(c=d\r\n ))' },
  ];
  for (const { name, given } of layouts) {
    void test(`may have white space ${name}`, () => assert.deepEqual(filled(given), filled('(&(a=b)(c=d))')));
  }

  void test('may have escapes beyond ASCII, and options of an attribute', () => {
    const [element] = readBerElements(filled('(cn;lang-hr=Lu\\c4\\8di\\c4\\87)') ?? Buffer.alloc(0));
    const [attribute, value] = readBerElements(element?.content ?? Buffer.alloc(0)).map(({ content }) =>
      String(content),
    );
    assert.deepEqual([attribute, value], ['cn;lang-hr', 'Lučić']);
  });

  void test('keeps the white space of a value that is in one line', () => {
    assert.notDeepEqual(filled('(a= b )'), filled('(a=b)'));
  });

  const faults = [
    { name: 'no parenthesis', given: 'uid=alice', want: 'lacks an opening parenthesis, at character 1' },
    { name: 'one too few', given: '(&(uid=alice)', want: 'lacks a closing parenthesis, at character 14' },
    { name: 'one too many', given: '(uid=alice))', want: 'has something after its last parenthesis, at character 12' },
    {
      name: 'nothing to compare',
      given: '(&(uid))',
      want: 'lacks a comparison such as uid={username}, at character 7',
    },
    { name: 'a rule without a colon before the sign', given: '(member:1.2=x)', want: /lacks a comparison/ },
    { name: 'a name in place of an attribute', given: '({username}=x)', want: /lacks a comparison/ },
    { name: 'a lone backslash', given: '(a=b\\)', want: /which is written \\5c/ },
    { name: 'an asterisk where none can be', given: '(a>=b*)', want: /which is written/ },
    { name: 'two asterisks', given: '(a=b**c)', want: /two asterisks/ },
    { name: 'a bare brace', given: '(a={b)', want: /which is written/ },
    { name: 'depths beyond reason', given: `${'(!'.repeat(100)}(a=b)${')'.repeat(100)}`, want: /nested too deeply/ },
    { name: 'two parts of a not', given: '(!(a=b)(c=d))', want: /lacks a closing parenthesis/ },
  ];
  for (const { name, given, want } of faults) {
    void test(`is refused: ${name}`, () => {
      const fault = parseFilter(given);
      assert.ok(typeof fault === 'string');
      if (typeof want === 'string') assert.equal(fault, want);
      else assert.match(fault, want);
    });
  }
});

function tagsOf(text: string): readonly number[] {
  const [element] = readBerElements(filled(text) ?? Buffer.alloc(0));
  return readBerElements(element?.content ?? Buffer.alloc(0)).map(({ tag }) => tag);
}

void describe('an extensible match', () => {
  void test('writes no FALSE: a default is absent', () =>
    assert.deepEqual(tagsOf('(member:1.2.3:=x)'), [0x81, 0x82, 0x83]));
  void test('writes dnAttributes when they are meant', () =>
    assert.deepEqual(tagsOf('(ou:dn:2.4.6:=x)'), [0x81, 0x82, 0x83, 0x84]));
  void test('may have no rule', () => assert.deepEqual(tagsOf('(cn:dn:=x)'), [0x82, 0x83, 0x84]));
  void test('may have no attribute', () => assert.deepEqual(tagsOf('(:caseExactMatch:=x)'), [0x81, 0x83]));
});

void describe('a placeholder', () => {
  void test('stays a value, whatever it is', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const [element] = readBerElements(
          filled('(uid={username})', { username: [Buffer.from(bytes)] }) ?? Buffer.alloc(0),
        );
        assert.equal(element?.tag, 0xa3);
        assert.deepEqual(readBerElements(element.content)[1]?.content, Buffer.from(bytes));
      }),
    );
  });

  const rows = [
    { name: 'is filled in between literals', given: '(mail={u}@x)', values: { u: ['a'] }, want: '(mail=a@x)' },
    { name: 'is tried with each of its values', given: '(m={u})', values: { u: ['a', 'b'] }, want: '(|(m=a)(m=b))' },
    { name: 'drops out of an or', given: '(|(a=b)(m={u}))', values: {}, want: '(|(a=b))' },
    { name: 'makes an and match nothing', given: '(&(a=b)(m={u}))', values: {}, want: undefined },
    { name: 'makes a not match nothing', given: '(!(m={u}))', values: {}, want: undefined },
    { name: 'makes all below a not match nothing', given: '(!(|(a=b)(m={u})))', values: {}, want: undefined },
    { name: 'alone matches nothing', given: '(|(m={u})(n={u}))', values: {}, want: undefined },
    { name: 'fits between asterisks', given: '(cn=*{u}*)', values: { u: ['a*'] }, want: '(cn=*a\\2a*)' },
  ];
  for (const { name, given, values, want } of rows) {
    void test(name, () => assert.deepEqual(filled(given, values), want === undefined ? undefined : filled(want)));
  }

  void test('with any value is a presence', () => {
    const filter = parseFilter('(&(a=b)(!(c={u}))(m:1.2:={dn}))');
    assert.ok(typeof filter !== 'string');
    assert.deepEqual(fillFilter(withAnyValue(filter), none), filled('(&(a=b)(!(c=*))(m=*))'));
  });
});
