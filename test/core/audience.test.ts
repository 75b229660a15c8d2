// The audience rule: the intersection, never more than the credential is good for.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { type AudienceRule, intersectAudiences } from '../../src/core/audience.ts';

type Asked = Parameters<typeof intersectAudiences>;

const named = (...audiences: string[]): AudienceRule => ({ kind: 'named', audiences });
const OMIT: AudienceRule = { kind: 'omit' };
const NONE: AudienceRule = { kind: 'none' };

const rows: { name: string; given: Asked; want: AudienceRule }[] = [
  { name: 'nothing asked', given: [[], ['a'], ['b']], want: OMIT },
  { name: 'nothing known', given: [['a'], undefined, undefined], want: OMIT },
  { name: 'those of the credential that were asked', given: [['a', 'b'], ['b', 'c'], undefined], want: named('b') },
  { name: 'in the order asked', given: [['b', 'a'], ['a', 'b'], undefined], want: named('b', 'a') },
  { name: 'those of the endpoint, without any of the credential', given: [['a'], undefined, ['a']], want: named('a') },
  { name: 'the credential counts, not the endpoint', given: [['a'], ['b'], ['a']], want: NONE },
  { name: 'a credential for no audience is good for none', given: [['a'], [], ['a']], want: NONE },
  { name: 'none of those asked', given: [['a'], undefined, ['b']], want: NONE },
  { name: 'asked twice, answered once', given: [['a', 'a'], ['a'], undefined], want: named('a') },
  { name: 'compared exactly', given: [['A', 'a '], ['a'], undefined], want: NONE },
];

void describe('audiences', () => {
  for (const { name, given, want } of rows) void test(name, () => assert.deepEqual(intersectAudiences(...given), want));
});

void test('never an audience that was not asked, nor one that nobody vouches for', () => {
  const list = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 4 });
  fc.assert(
    fc.property(
      list,
      fc.option(list, { nil: undefined }),
      fc.option(list, { nil: undefined }),
      (asked, own, endpoint) => {
        const rule = intersectAudiences(asked, own, endpoint);
        const both = asked.filter((audience) => (own ?? endpoint ?? []).includes(audience));
        if (rule.kind === 'named') return assert.deepEqual(rule.audiences, [...new Set(both)]);
        assert.equal(both.length === 0 || asked.length === 0, true);
        assert.equal(rule.kind, asked.length === 0 || (own ?? endpoint) === undefined ? 'omit' : 'none');
      },
    ),
  );
});
