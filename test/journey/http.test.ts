// The documented answer to every request, and nothing else: never a redirect, never a 200 that is no TokenReview.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type HttpRequest, tokenReview } from '../support/apiserver-client.ts';
import { startBroker } from '../support/broker.ts';
import { HTTP_VERSIONS, type HttpVersion } from '../support/http2-client.ts';
import { type Movement, movesOf } from '../support/metric-series.ts';
import { inOrder } from '../support/settled.ts';
import { usersFile } from '../support/users-file.ts';

const start = (t: Parameters<typeof startBroker>[0], over: HttpVersion) =>
  startBroker(t, {
    over,
    files: { 'users.yaml': usersFile({ username: 'alice', password: 'wonderland' }) },
    config: { providers: [{ name: 'staff', type: 'users', options: { file: 'users.yaml' } }] },
  });

const REVIEW = tokenReview('alice:wonderland');
const FORM_TYPE = 'application/x-www-form-urlencoded';
const JSON_TYPE = { 'Content-Type': 'application/json' };

const edited = (change: object): string => JSON.stringify({ ...JSON.parse(REVIEW), ...change });
const malformed = (reason: string): Movement => ({ reviews: { [`malformed ${reason}`]: 1 } });
const bad = (name: string, body: string | Buffer, reason: string) => ({
  name,
  request: { body },
  want: 400,
  moved: malformed(reason),
});

interface Row {
  readonly name: string;
  readonly path?: string;
  readonly request: HttpRequest;
  readonly want: number;
  readonly moved: Movement;
}

const refusals: readonly Row[] = [
  bad('an empty body', '', 'not-json'),
  bad('no JSON', 'token=alice', 'not-json'),
  bad('two JSON values', '{}{}', 'not-json'),
  bad('a JSON list', '[]', 'not-an-object'),
  bad('JSON null', 'null', 'not-an-object'),
  bad('another kind', edited({ kind: 'SubjectAccessReview' }), 'not-a-token-review'),
  bad('no version', edited({ apiVersion: undefined }), 'wrong-version'),
  bad('another version', edited({ apiVersion: 'authentication.k8s.io/v2' }), 'wrong-version'),
  bad('another group', edited({ apiVersion: 'authorization.k8s.io/v1' }), 'wrong-version'),
  bad('a spec that is a list', edited({ spec: [] }), 'spec-not-an-object'),
  bad('a token that is a number', edited({ spec: { token: 1 } }), 'token-not-a-string'),
  bad('audiences that are one string', edited({ spec: { token: 'x', audiences: 'a' } }), 'audiences-not-strings'),
  bad(
    'audiences with half a character',
    edited({ spec: { token: 'x', audiences: ['\ud800'] } }),
    'audiences-not-strings',
  ),
  bad('bytes that are no UTF-8', Buffer.from(`${REVIEW}\xff`, 'latin1'), 'not-json'),
  bad('a byte-order mark', `\ufeff${REVIEW}`, 'not-json'),
  bad('audiences with a number', edited({ spec: { token: 'x', audiences: [1] } }), 'audiences-not-strings'),
  { name: 'GET', request: { method: 'GET', headers: {} }, want: 405, moved: malformed('wrong-method') },
  { name: 'PUT', request: { method: 'PUT', body: REVIEW }, want: 405, moved: malformed('wrong-method') },
  { name: 'another path', path: '/', request: { body: REVIEW }, want: 404, moved: {} },
  { name: 'a path below', path: '/authenticate/', request: { body: REVIEW }, want: 404, moved: {} },
  { name: 'another case', path: '/Authenticate', request: { body: REVIEW }, want: 404, moved: {} },
  {
    name: 'text',
    request: { body: REVIEW, headers: { 'Content-Type': 'text/plain' } },
    want: 415,
    moved: malformed('wrong-content-type'),
  },
  ...[
    { name: 'no content type, from a browser', headers: { Origin: 'https://evil.example' } },
    { name: 'no content type, from a browser that says no origin', headers: { 'Sec-Fetch-Site': 'same-origin' } },
    { name: 'a form of a browser', headers: { 'Content-Type': FORM_TYPE, 'Sec-Fetch-Site': 'cross-site' } },
    { name: 'a form with files', headers: { 'Content-Type': 'multipart/form-data; boundary=x' } },
  ].map(({ name, headers }) => ({
    name,
    request: { body: REVIEW, headers },
    want: 415,
    moved: malformed('wrong-content-type'),
  })),
  {
    name: 'a compressed body',
    request: { body: gzipSync(REVIEW), headers: { ...JSON_TYPE, 'Content-Encoding': 'gzip' } },
    want: 415,
    moved: malformed('wrong-content-encoding'),
  },
  {
    name: 'a body over limits.bodyBytes',
    request: { body: edited({ filler: 'x'.repeat(128 * 1024) }) },
    want: 413,
    moved: malformed('oversize-body'),
  },
];

for (const over of HTTP_VERSIONS) {
  void test(`the webhook listener refuses, over ${over}`, async (t) => {
    const broker = await start(t, over);
    await inOrder(refusals, ({ name, path = '/authenticate', request, want, moved }) =>
      t.test(`${name} with ${want}, in one line of text`, async () => {
        const { status, headers, text } = await broker.send(path, request);
        assert.equal(status, want);
        assert.equal(headers['content-type'], 'text/plain; charset=utf-8');
        assert.match(text, /^[^\n]+\n$/);
        assert.equal(headers.allow, want === 405 ? 'POST' : undefined);
        assert.equal(headers['retry-after'], undefined);
        assert.equal(headers.location, undefined);
        assert.equal(headers['x-powered-by'], undefined);
        assert.match(String(headers['x-request-id']), /^[\w-]+$/);
        assert.deepEqual(await broker.moved(), movesOf(moved));
      }),
    );
    assert.equal((await broker.review('alice:wonderland')).authenticated, true, 'it goes on');
  });
}

const accepted = [
  { name: 'a query string', path: '/authenticate?timeout=30s&x=1', body: REVIEW, headers: JSON_TYPE },
  { name: 'a parameter of the type', body: REVIEW, headers: { 'Content-Type': 'Application/JSON; charset=UTF-8' } },
  { name: 'no content type', body: REVIEW, headers: {} },
  { name: 'what `curl -d` calls a form', body: REVIEW, headers: { 'Content-Type': FORM_TYPE } },
  { name: 'JSON from a browser', body: REVIEW, headers: { ...JSON_TYPE, 'Sec-Fetch-Site': 'none' } },
  { name: 'chunks', body: REVIEW, headers: { ...JSON_TYPE, 'Transfer-Encoding': 'chunked' } },
  { name: 'unknown fields', body: edited({ metadata: { a: 1 }, extra: [] }), headers: JSON_TYPE },
  { name: 'a user that is already there', body: edited({ status: { user: { username: 'eve' } } }), headers: JSON_TYPE },
  {
    name: 'HTTP Basic credentials beside the token',
    body: REVIEW,
    headers: { ...JSON_TYPE, Authorization: 'Basic eDp5' },
  },
];

for (const over of HTTP_VERSIONS) {
  void describe(`the webhook listener takes, over ${over}`, () => {
    for (const { name, path = '/authenticate', body, headers } of accepted) {
      void test(name, async (t) => {
        const broker = await start(t, over);
        const answer = await broker.send(path, { body, headers });
        assert.equal(answer.status, 200);
        const { status } = JSON.parse(answer.text);
        assert.deepEqual([status.authenticated, status.user.username], [true, 'staff:alice']);
        const moved = { reviews: { 'authenticated ok': 1 }, providers: { 'staff authenticated ok': 1 } };
        assert.deepEqual(await broker.moved(), movesOf({ ...moved, cache: { miss: 1 }, up: { staff: 1 }, entries: 1 }));
      });
    }

    void test('a TokenReview without a token: readable, so refused with 200', async (t) => {
      const broker = await start(t, over);
      const bodies = [
        edited({ spec: {} }),
        edited({ spec: null }),
        edited({ spec: undefined }),
        edited({ spec: { token: '' } }),
      ];
      await inOrder(bodies, async (body) => {
        const answer = await broker.send('/authenticate', { body });
        assert.deepEqual([answer.status, JSON.parse(answer.text).status], [200, { authenticated: false }]);
      });
      assert.deepEqual(await broker.moved(), movesOf({ reviews: { 'rejected empty-token': 4 } }));
    });
  });
}
