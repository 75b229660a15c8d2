// Reading a TokenReview: what is one, what is left out, and what is answered with a 4xx.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { MALFORMED_REASONS } from '../../src/core/outage-reasons.ts';
import { parseTokenReview } from '../../src/webhook/request.ts';
import { API, reviewBody } from './setup.ts';

const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);

void describe('a TokenReview', () => {
  const rows: { name: string; given: string; want: [string, string, string[]] }[] = [
    { name: 'of v1', given: reviewBody({ token: 'x' }), want: ['v1', 'x', []] },
    { name: 'of v1beta1', given: reviewBody({ token: 'x' }, 'v1beta1'), want: ['v1beta1', 'x', []] },
    { name: 'with audiences', given: reviewBody({ token: 'x', audiences: ['b', 'a'] }), want: ['v1', 'x', ['b', 'a']] },
    { name: 'without a token', given: reviewBody({}), want: ['v1', '', []] },
    { name: 'without a spec', given: reviewBody(undefined), want: ['v1', '', []] },
    { name: 'with null for spec', given: reviewBody(null), want: ['v1', '', []] },
    {
      name: 'with null for token and audiences',
      given: reviewBody({ token: null, audiences: null }),
      want: ['v1', '', []],
    },
    { name: 'with fields that nobody knows', given: reviewBody({ token: 'x', admin: true }), want: ['v1', 'x', []] },
    {
      name: 'with a status that claims something',
      given: `{"kind":"TokenReview","apiVersion":"${API}/v1","spec":{"token":"x"},"status":{"authenticated":true}}`,
      want: ['v1', 'x', []],
    },
    {
      name: 'with a duplicate key: the last counts, as in Go',
      given: `{"kind":"TokenReview","apiVersion":"${API}/v1","spec":{"token":"x","token":"y"}}`,
      want: ['v1', 'y', []],
    },
    {
      name: 'whose __proto__ is a key like any other',
      given: `{"kind":"TokenReview","apiVersion":"${API}/v1","__proto__":{"spec":{"token":"evil"}}}`,
      want: ['v1', '', []],
    },
    {
      name: 'with metadata 50,000 lists deep',
      given: `{"kind":"TokenReview","apiVersion":"${API}/v1","metadata":${deep(50_000)},"spec":{"token":"x"}}`,
      want: ['v1', 'x', []],
    },
    { name: 'with white space around', given: ` \n${reviewBody({ token: 'x' })}\n`, want: ['v1', 'x', []] },
    { name: 'with a token of any text', given: reviewBody({ token: '\0\ud800🔑' }), want: ['v1', '\0\ud800🔑', []] },
  ];
  for (const { name, given, want } of rows) {
    void test(name, () => {
      const parsed = parseTokenReview(given);
      assert.ok(parsed.ok);
      assert.deepEqual([parsed.version, parsed.token, parsed.audiences], want);
    });
  }
});

void describe('none', () => {
  const spec = { token: 'x' };
  const rows: { name: string; given: string; want: string }[] = [
    { name: 'nothing', given: '', want: 'not-json' },
    { name: 'text', given: 'token=x', want: 'not-json' },
    { name: 'half a review', given: reviewBody(spec).slice(0, -1), want: 'not-json' },
    { name: 'two reviews', given: reviewBody(spec).repeat(2), want: 'not-json' },
    { name: 'a byte-order mark before it', given: `\ufeff${reviewBody(spec)}`, want: 'not-json' },
    { name: 'a comment', given: `${reviewBody(spec)}// x`, want: 'not-json' },
    { name: '100,000 lists, not closed', given: '['.repeat(100_000), want: 'not-json' },
    { name: '100,000 lists', given: deep(100_000), want: 'not-an-object' },
    { name: 'a list', given: `[${reviewBody(spec)}]`, want: 'not-an-object' },
    { name: 'null', given: 'null', want: 'not-an-object' },
    { name: 'a string', given: JSON.stringify(reviewBody(spec)), want: 'not-an-object' },
    { name: 'an empty object', given: '{}', want: 'not-a-token-review' },
    {
      name: 'another kind',
      given: `{"kind":"SubjectAccessReview","apiVersion":"${API}/v1"}`,
      want: 'not-a-token-review',
    },
    {
      name: 'the kind in another case',
      given: `{"kind":"tokenreview","apiVersion":"${API}/v1"}`,
      want: 'not-a-token-review',
    },
    {
      name: 'the key in another case',
      given: `{"Kind":"TokenReview","apiVersion":"${API}/v1"}`,
      want: 'not-a-token-review',
    },
    { name: 'no version', given: '{"kind":"TokenReview"}', want: 'wrong-version' },
    { name: 'another version', given: reviewBody(spec, 'v2'), want: 'wrong-version' },
    { name: 'a version that is an object', given: '{"kind":"TokenReview","apiVersion":{}}', want: 'wrong-version' },
    { name: 'the version of another group', given: '{"kind":"TokenReview","apiVersion":"v1"}', want: 'wrong-version' },
    { name: 'a spec that is a list', given: reviewBody([]), want: 'spec-not-an-object' },
    { name: 'a spec that is a string', given: reviewBody('x'), want: 'spec-not-an-object' },
    { name: 'a token that is a number', given: reviewBody({ token: 1 }), want: 'token-not-a-string' },
    { name: 'a token that is false', given: reviewBody({ token: false }), want: 'token-not-a-string' },
    { name: 'a token that is a list', given: reviewBody({ token: ['x'] }), want: 'token-not-a-string' },
    {
      name: 'audiences that are a string',
      given: reviewBody({ ...spec, audiences: 'a' }),
      want: 'audiences-not-strings',
    },
    {
      name: 'audiences that are an object',
      given: reviewBody({ ...spec, audiences: {} }),
      want: 'audiences-not-strings',
    },
    {
      name: 'a number among audiences',
      given: reviewBody({ ...spec, audiences: ['a', 1] }),
      want: 'audiences-not-strings',
    },
    { name: 'null among audiences', given: reviewBody({ ...spec, audiences: [null] }), want: 'audiences-not-strings' },
  ];
  for (const { name, given, want } of rows) {
    void test(name, () => assert.deepEqual(parseTokenReview(given), { ok: false, reason: want }));
  }
});

void test('any text is a review or has a reason of the table', () => {
  const near = fc.record(
    { kind: fc.constantFrom('TokenReview', 'x'), apiVersion: fc.constantFrom(`${API}/v1`, 'x'), spec: fc.jsonValue() },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        near.map((value) => JSON.stringify(value)),
      ),
      (body) => {
        const parsed = parseTokenReview(body);
        if (parsed.ok) return assert.equal(typeof parsed.token, 'string');
        assert.ok(parsed.reason in MALFORMED_REASONS);
      },
    ),
    { numRuns: 600 },
  );
});
