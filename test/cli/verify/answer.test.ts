// Answers as kube-apiserver reads them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerOf } from '../../../src/cli/verify/answer.ts';

const review = (status: unknown, more: object = {}): string =>
  JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', status, ...more });

const rows = [
  { name: 'a refusal', given: { body: review({ authenticated: false }) }, want: 'refused' },
  {
    name: 'a refusal with nulls',
    given: { body: review({ authenticated: false, user: null, audiences: null }) },
    want: 'refused',
  },
  { name: 'an object without status is a refusal, too', given: { body: '{}' }, want: 'refused' },
  {
    name: 'an answer without version is taken as the one asked',
    given: { body: '{"status":{"authenticated":false}}' },
    want: 'refused',
  },
  { name: 'status 206 is good', given: { status: 206, body: review({}) }, want: 'refused' },
  { name: 'an error', given: { body: review({ authenticated: false, error: 'later' }) }, want: 'error later' },
  {
    name: 'an error beside a user does not count',
    given: { body: review({ authenticated: true, error: 'x', user: { username: 'a' } }) },
    want: 'accepted a',
  },
  {
    name: 'the other version',
    given: { body: review({}, { apiVersion: 'authentication.k8s.io/v1beta1' }) },
    want: /^unusable another apiVersion/,
  },
  { name: 'another kind', given: { body: review({}, { kind: 'Status' }) }, want: /^unusable another kind/ },
  { name: 'a field of another case does not count', given: { body: review({ Authenticated: true }) }, want: 'refused' },
  {
    name: 'authenticated as text',
    given: { body: review({ authenticated: 'true' }) },
    want: /^unusable a status with fields of the wrong type/,
  },
  {
    name: 'a uid as number beside a refusal',
    given: { body: review({ user: { uid: 4 } }) },
    want: /^unusable a status/,
  },
  {
    name: 'extra as text beside a refusal',
    given: { body: review({ user: { extra: { a: 'b' } } }) },
    want: /^unusable a status/,
  },
  {
    name: 'audiences as text beside a refusal',
    given: { body: review({ audiences: 'a' }) },
    want: /^unusable a status/,
  },
  { name: 'an empty kind and version', given: { body: review({}, { kind: '', apiVersion: null }) }, want: 'refused' },
  {
    name: 'groups as text',
    given: { body: review({ authenticated: true, user: { username: 'a', groups: 'b' } }) },
    want: /^unusable a status with fields of the wrong type/,
  },
  { name: 'an empty body', given: { body: '' }, want: /^unusable an empty body/ },
  { name: 'a page', given: { body: '<html>' }, want: /^unusable no JSON object/ },
  { name: 'status 207', given: { status: 207, body: review({}) }, want: /^unusable HTTP 207/ },
  {
    name: 'a redirect',
    given: { status: 307, body: '' },
    want: /^unusable HTTP 307\. kube-apiserver would take the token along/,
  },
  { name: 'a client certificate with another name', given: { status: 401, body: '' }, want: /clientNames/ },
  { name: 'no such path', given: { status: 404, body: '' }, want: /webhook\.endpoints/ },
  { name: 'a bug', given: { status: 500, body: '' }, want: /Read the log/ },
  { name: 'a wrong method', given: { status: 405, body: '' }, want: /a proxy changes the request/ },
];

for (const { name, given, want } of rows) {
  void test(`${name}: ${String(want)}`, () => {
    const answer = answerOf({ kind: 'answered', status: 200, durationMs: 1, ...given }, 'v1');
    const said = {
      refused: '',
      accepted: 'username' in answer ? answer.username : '',
      error: 'message' in answer ? answer.message : '',
      unusable: 'why' in answer ? answer.why : '',
    };
    const text = `${answer.kind} ${said[answer.kind]}`.trim();
    if (typeof want === 'string') assert.equal(text, want);
    else assert.match(text, want);
  });
}
