// The HTTP table: each situation, its status, its headers, and that the connection survives where it can.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { unavailable } from '../../src/core/verdict.ts';
import { HTTP_VERSIONS } from '../support/http2-client.ts';
import { welcome } from '../support/reviews.ts';
import { inOrder, until } from '../support/settled.ts';
import { BODY_BYTES, type PostChange, post, reviewBody, startWebhook } from './setup.ts';

const BODY = reviewBody({ token: 'alice:wonderland' });

interface Row {
  readonly name: string;
  readonly given: PostChange & { body?: string | null };
  readonly want: { status: number; allow?: string; reason?: string };
}

const rows: readonly Row[] = [
  { name: 'a TokenReview', given: {}, want: { status: 200 } },
  {
    name: 'the time-out that kube-apiserver appends',
    given: { path: '/authenticate?timeout=30s' },
    want: { status: 200 },
  },
  { name: 'a query string that is no query', given: { path: '/authenticate?__proto__[x]=1&%' }, want: { status: 200 } },
  {
    name: 'a charset',
    given: { headers: { 'Content-Type': 'Application/JSON; charset=utf-8' } },
    want: { status: 200 },
  },
  { name: 'a +json type', given: { headers: { 'Content-Type': 'application/vnd.k8s+json' } }, want: { status: 200 } },
  { name: 'not JSON', given: { body: 'x' }, want: { status: 400, reason: 'not-json' } },
  { name: 'no body', given: { body: '' }, want: { status: 400, reason: 'not-json' } },
  { name: 'another kind', given: { body: '{}' }, want: { status: 400, reason: 'not-a-token-review' } },
  { name: 'another version', given: { body: reviewBody({}, 'v3') }, want: { status: 400, reason: 'wrong-version' } },
  { name: 'another path', given: { path: '/' }, want: { status: 404 } },
  { name: 'a slash behind the path', given: { path: '/authenticate/' }, want: { status: 404 } },
  { name: 'the path in another case', given: { path: '/Authenticate' }, want: { status: 404 } },
  { name: 'the path escaped', given: { path: '/%61uthenticate' }, want: { status: 404 } },
  { name: 'a path with a bad escape', given: { path: '/%zz' }, want: { status: 404 } },
  { name: 'two slashes', given: { path: '//authenticate' }, want: { status: 404 } },
  { name: 'the metrics', given: { path: '/metrics' }, want: { status: 404 } },
  { name: 'the health of the operations listener', given: { path: '/readyz' }, want: { status: 404 } },
  ...['GET', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'QUERY', 'PROPFIND'].map((method) => ({
    name: method,
    given: { method, ...(/GET|HEAD/.test(method) && { body: null }) },
    want: { status: 405, allow: 'POST', reason: 'wrong-method' },
  })),
  {
    name: 'a form',
    given: { headers: { 'Content-Type': 'text/plain' } },
    want: { status: 415, reason: 'wrong-content-type' },
  },
  {
    name: 'YAML',
    given: { headers: { 'Content-Type': 'application/yaml' } },
    want: { status: 415, reason: 'wrong-content-type' },
  },
  {
    name: 'a type that only begins like JSON',
    given: { headers: { 'Content-Type': 'application/jsonp' } },
    want: { status: 415, reason: 'wrong-content-type' },
  },
  {
    name: 'an encoding',
    given: { headers: { 'Content-Encoding': 'gzip' } },
    want: { status: 415, reason: 'wrong-content-encoding' },
  },
  {
    name: 'the encoding that changes nothing',
    given: { headers: { 'Content-Encoding': 'identity' } },
    want: { status: 415, reason: 'wrong-content-encoding' },
  },
  {
    name: 'a body over the limit',
    given: { body: 'x'.repeat(BODY_BYTES + 1) },
    want: { status: 413, reason: 'oversize-body' },
  },
  {
    name: 'a body over the limit in bytes only',
    given: { body: reviewBody({ token: '€'.repeat(BODY_BYTES / 3) }) },
    want: { status: 413, reason: 'oversize-body' },
  },
];

for (const over of HTTP_VERSIONS) {
  void describe(`each situation has one answer, over ${over}`, () => {
    for (const { name, given, want } of rows) {
      void test(name, async (t) => {
        const webhook = await startWebhook(t, { over });
        const { body = BODY, ...change } = given;
        const response = await post(webhook, body, change);
        const text = await response.text();
        assert.equal(response.status, want.status);
        assert.equal(response.headers.get('allow'), want.allow ?? null);
        assert.match(response.headers.get('x-request-id') ?? '', /^review-\d+$/);
        for (const header of ['retry-after', 'location', 'x-powered-by', 'etag', 'set-cookie']) {
          assert.equal(response.headers.get(header), null);
        }
        assert.match(
          response.headers.get('content-type') ?? '',
          want.status === 200 ? /^application\/json$/ : /^text\/plain/,
        );
        if (want.status !== 200 && given.method !== 'HEAD') assert.match(text, /^[^\n]+\n$/);
        const malformed = want.reason === undefined ? [] : [`malformed ${want.reason}`];
        assert.deepEqual(
          webhook.seen.filter((each) => each.startsWith('malformed')),
          malformed,
        );
        assert.doesNotMatch(text, /wonderland/);
      });
    }
  });

  void describe(`a TokenReview, over ${over}`, () => {
    void test('as large as the limit is read', async (t) => {
      const webhook = await startWebhook(t, { over });
      const frame = reviewBody({ token: 'alice:wonderland', x: '' }).length;
      const body = reviewBody({ token: 'alice:wonderland', x: 'x'.repeat(BODY_BYTES - frame) });
      assert.equal(body.length, BODY_BYTES);
      assert.equal((await post(webhook, body)).status, 200);
    });
    void test('is started, ended and answered once', async (t) => {
      const webhook = await startWebhook(t, { over });
      await post(webhook, BODY);
      await until('it is observed', () => webhook.seen.length === 3);
      assert.deepEqual(webhook.seen, ['started', 'ended', 'answered authenticated']);
    });
    void test('has an id of its own, in the header and in the error', async (t) => {
      const webhook = await startWebhook(t, { over, answer: unavailable('timeout') });
      await inOrder([1, 2], async (index) => {
        const response = await post(webhook, BODY);
        assert.equal(response.headers.get('x-request-id'), `review-${index}`);
        assert.match(await response.text(), new RegExp(`review review-${index}"`));
      });
    });
    void test('without a token is refused, with nobody asked', async (t) => {
      const webhook = await startWebhook(t, { over });
      const response = await post(webhook, reviewBody({}));
      assert.deepEqual(
        [response.status, await response.text()],
        [200, '{"apiVersion":"authentication.k8s.io/v1","kind":"TokenReview","status":{"authenticated":false}}'],
      );
      assert.equal(webhook.asked.length, 0);
    });
    void test('goes to the endpoint of its path', async (t) => {
      const endpoints = [{ path: '/' }, { path: '/a/b', audiences: ['x'] }, { path: '/a.b' }];
      const webhook = await startWebhook(t, { over, endpoints });
      await inOrder(endpoints, ({ path }) => post(webhook, BODY, { path }));
      assert.deepEqual(
        webhook.asked.map(({ endpoint }) => endpoint),
        endpoints,
      );
      assert.equal((await post(webhook, BODY, { path: '/axb' })).status, 404);
    });
  });

  void describe(`a client whose certificate is not one of ours, over ${over}`, () => {
    void test('is 401 before anything else is looked at', async (t) => {
      const webhook = await startWebhook(t, { over, client: () => ({ kind: 'refused' }) });
      await inOrder(['POST', 'GET'], async (method) => {
        const response = await post(webhook, method === 'GET' ? null : BODY, { method });
        assert.equal(response.status, 401);
        assert.equal(response.headers.get('www-authenticate'), null);
      });
      assert.equal(webhook.asked.length, 0);
      assert.deepEqual(webhook.seen, ['malformed untrusted-client', 'malformed untrusted-client']);
    });
  });

  void describe(`a bug, over ${over}`, () => {
    const bugs = {
      'in telling who the client is': { client: () => assert.fail('canary') },
      'in making an id': { settings: { newReviewId: bugOnce() } },
      'in the reviewer': {
        settings: { reviewer: brokenReviewer() },
        answer: welcome(),
      },
    };
    for (const [name, given] of Object.entries(bugs)) {
      void test(`${name} is 500 without detail, reported once`, async (t) => {
        const webhook = await startWebhook(t, { ...given, over });
        const response = await post(webhook, BODY);
        assert.deepEqual([response.status, await response.text()], [500, 'internal error\n']);
        assert.match(response.headers.get('content-type') ?? '', /^text\/plain/);
        assert.equal(webhook.bugs.length, 1);
        assert.deepEqual(
          webhook.seen.filter((each) => each === 'started').length,
          webhook.seen.filter((each) => each === 'ended').length,
        );
      });
    }
  });
}

function bugOnce(): () => string {
  let calls = 0;
  return () => {
    calls += 1;
    return calls === 1 ? assert.fail('canary') : `review-${calls}`;
  };
}

function broken(): never {
  return assert.fail('canary');
}

function brokenReviewer() {
  return {
    authenticator: { review: broken, authenticate: broken },
    fingerprints: { ofReview: broken, ofCredential: broken, of: broken },
    rules: { tokenBytes: 1024, ignoreIssuers: new Set<string>() },
  };
}
