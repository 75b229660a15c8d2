// The did-you-mean: near words are suggested, far ones are not.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { didYouMean, suggest } from '../../src/text/suggest.ts';

const KEYS = ['address', 'tls', 'endpoints', 'certFile', 'keyFile', 'clientCAFile'];

void describe('suggested', () => {
  const rows: { given: string; want: string | undefined }[] = [
    { given: 'adress', want: 'address' },
    { given: 'adderss', want: 'address' },
    { given: 'certfile', want: 'certFile' },
    { given: 'cert_file', want: 'certFile' },
    { given: 'endpoint', want: 'endpoints' },
    { given: 'tsl', want: 'tls' },
    { given: 'tls', want: 'tls' },
    { given: 'x', want: undefined },
    { given: '', want: undefined },
    { given: 'something', want: undefined },
  ];
  for (const { given, want } of rows) void test(`${given} → ${want}`, () => assert.equal(suggest(given, KEYS), want));
});

void test('the nearest one is taken, and of equals the first', () => {
  assert.equal(suggest('abcdeg', ['abcdxx', 'abcdef', 'abcdeh']), 'abcdef');
});

void test('it is said in brackets, or not at all', () => {
  assert.equal(didYouMean('adress', KEYS), ' (did you mean "address"?)');
  assert.equal(didYouMean('zzz', KEYS), '');
  assert.equal(didYouMean('zzz', []), '');
});
