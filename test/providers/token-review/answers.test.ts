// What an answer to a TokenReview is taken for: four verdicts, and never fewer groups.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { tokenReview } from '../../../providers/token-review.ts';
import type { Review } from '../../../src/core/authenticator.ts';
import { parseCredential } from '../../../src/core/credential.ts';
import { reviewOf } from '../../contract/provider-run.ts';
import { opaqueCredential } from '../../contract/provider-world.ts';
import { type FakeAnswer, type FakeHttp, startFakeHttp } from '../../support/fake-http.ts';
import { optionsOf } from '../../support/options.ts';
import { deadline } from '../../support/patience.ts';
import { testSeams } from '../../support/seams.ts';
import { json, told } from '../http-bearer/setup.ts';
import { files } from './setup.ts';

async function ask(upstream: FakeHttp, options: object = {}, review: Partial<Review> = {}) {
  const given = optionsOf(tokenReview, { kubeconfig: 'x.kubeconfig', ...options }, files(`${upstream.origin}/review`));
  const provider = tokenReview.open(given, testSeams());
  try {
    const asked = { ...reviewOf(opaqueCredential({ name: '', secret: 'a-token' })), ...review };
    return await provider.authenticate(asked, deadline(2500));
  } finally {
    await provider.close();
  }
}

async function upstreamWith(t: { after(done: () => Promise<void>): void }, answer: FakeAnswer): Promise<FakeHttp> {
  const upstream = await startFakeHttp({ handler: () => answer });
  t.after(() => upstream.close());
  return upstream;
}

const review = (status: unknown, change: object = {}) =>
  json({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', status, ...change });
const alice = { username: 'alice', uid: '7', groups: ['devs'] };
const good = (user: object, more: object = {}) => review({ authenticated: true, user, ...more });

/** Copied from a kube-apiserver. */
const BAD = [
  'invalid bearer token',
  '[invalid bearer token, service account token has expired]',
  '[invalid bearer token, go-jose/go-jose: error in cryptographic primitive]',
  '[invalid bearer token, serviceaccounts "robot" not found]',
  '[invalid bearer token, service account UID (6f17e87d) does not match claim (2c1e4e1c)]',
  '[invalid bearer token, token audiences ["zz"] is invalid for the target audiences ["https://kubernetes.default.svc"]]',
];

const rows: readonly {
  name: string;
  given: FakeAnswer;
  options?: object;
  audiences?: readonly string[];
  want: string;
}[] = [
  { name: 'a person', given: good(alice), want: 'authenticated' },
  { name: 'a person by 201, as an API server answers', given: { ...good(alice), status: 201 }, want: 'authenticated' },
  { name: 'a person in v1beta1', given: good(alice, {}), want: 'authenticated' },
  { name: 'nobody', given: review({ authenticated: false }), want: 'abstained unknown-token' },
  { name: 'nobody, by leaving everything out', given: review({}), want: 'abstained unknown-token' },
  {
    name: 'a bad token, as kube-apiserver says it',
    given: review({ error: '[invalid bearer token, service account token has expired]' }),
    want: 'abstained unknown-token',
  },
  {
    name: 'a bad token and an outage',
    given: review({ error: '[invalid bearer token, Post "https://x": connection refused]' }),
    want: 'unavailable upstream-error',
  },
  {
    name: 'an error',
    given: review({ error: 'authentication is unavailable, review 7' }),
    want: 'unavailable upstream-error',
  },
  {
    name: 'a person and an error',
    given: good(alice, { error: 'half of it failed' }),
    want: 'unavailable upstream-error',
  },
  {
    name: 'a person by a word',
    given: review({ authenticated: 'true', user: alice }),
    want: 'unavailable malformed-answer',
  },
  { name: 'nobody with a name', given: review({ authenticated: true }), want: 'unavailable malformed-answer' },
  { name: 'an empty name', given: good({ username: '' }), want: 'unavailable malformed-answer' },
  { name: 'groups that are text', given: good({ ...alice, groups: 'devs' }), want: 'unavailable malformed-answer' },
  {
    name: 'groups with a number',
    given: good({ ...alice, groups: ['devs', 7] }),
    want: 'unavailable malformed-answer',
  },
  { name: 'groups of null', given: good({ ...alice, groups: null }), want: 'authenticated' },
  { name: 'a uid of a number', given: good({ ...alice, uid: 7 }), want: 'unavailable malformed-answer' },
  { name: 'an extra of text', given: good({ ...alice, extra: { a: 'b' } }), want: 'unavailable malformed-answer' },
  {
    name: 'another kind',
    given: review({ authenticated: true, user: alice }, { kind: 'Status' }),
    want: 'unavailable malformed-answer',
  },
  {
    name: 'another group',
    given: review({ authenticated: true, user: alice }, { apiVersion: 'v1' }),
    want: 'unavailable malformed-answer',
  },
  { name: 'a list', given: json([]), want: 'unavailable malformed-answer' },
  {
    name: 'HTML',
    given: { status: 200, headers: { 'content-type': 'text/html' }, body: '<p>authenticated</p>' },
    want: 'unavailable malformed-answer',
  },
  { name: 'nothing', given: { status: 200 }, want: 'unavailable malformed-answer' },
  {
    name: 'more than it may',
    given: good({ ...alice, groups: ['x'.repeat(1_100_000)] }),
    want: 'unavailable oversize-answer',
  },
  { name: '401', given: json({}, {}, 401), want: 'unavailable client-refused' },
  { name: '403', given: json({}, {}, 403), want: 'unavailable client-refused' },
  { name: '404', given: json({}, {}, 404), want: 'unavailable unexpected-status' },
  { name: '429', given: { status: 429 }, want: 'unavailable rate-limited' },
  { name: '302', given: { status: 302, headers: { location: '/' } }, want: 'unavailable redirected' },
  { name: '503', given: { status: 503 }, want: 'unavailable upstream-error' },
  {
    name: 'one of the audiences',
    given: good(alice, { audiences: ['b'] }),
    audiences: ['a', 'b'],
    want: 'authenticated',
  },
  {
    name: 'another audience',
    given: good(alice, { audiences: ['c'] }),
    audiences: ['a', 'b'],
    want: 'rejected wrong-audience',
  },
  { name: 'no audience', given: good(alice), audiences: ['a'], want: 'authenticated' },
  {
    name: 'a demanded audience',
    given: good(alice, { audiences: ['here'] }),
    options: { audiences: ['here'] },
    want: 'authenticated',
  },
  {
    name: 'another than the demanded',
    given: good(alice, { audiences: ['a'] }),
    options: { audiences: ['here'] },
    audiences: ['a'],
    want: 'rejected wrong-audience',
  },
  {
    name: 'no audience where one is demanded',
    given: good(alice),
    options: { audiences: ['here'] },
    want: 'rejected wrong-audience',
  },
  {
    name: 'audiences of a number',
    given: good(alice, { audiences: 7 }),
    audiences: ['a'],
    want: 'unavailable malformed-answer',
  },
];

void describe('an error that calls the token bad is no outage', () => {
  for (const error of BAD) {
    void test(error, async (t) => {
      const upstream = await upstreamWith(t, review({ error }));
      assert.equal(told(await ask(upstream)), 'abstained unknown-token');
    });
  }
});

void describe('an answer of', () => {
  for (const { name, given, options = {}, audiences = [], want } of rows) {
    void test(`${name}: ${want}`, async (t) => {
      const upstream = await upstreamWith(t, given);
      const verdict = await ask(upstream, options, { audiences });
      assert.equal(told(verdict), want);
      assert.doesNotMatch(JSON.stringify(verdict), /half of it|connection refused|review 7/);
    });
  }

  void test('audiences is passed on, and is what the token is good for', async (t) => {
    const upstream = await upstreamWith(t, good(alice, { audiences: ['b', 'x'] }));
    const passedOn = await ask(upstream, {}, { audiences: ['a', 'b'] });
    assert.deepEqual(passedOn.kind === 'authenticated' && passedOn.value.audiences, ['b']);
    const demanded = await ask(upstream, { audiences: ['x'] }, { audiences: ['a', 'b'] });
    assert.equal(demanded.kind === 'authenticated' && demanded.value.audiences, undefined);
    assert.deepEqual(
      upstream.seen.map(({ body }) => JSON.parse(body).spec.audiences),
      [['a', 'b'], ['x']],
    );
  });

  void test('a JWT is remembered no longer than the token is good', async (t) => {
    const upstream = await upstreamWith(t, good(alice));
    const token = [{ alg: 'ES256' }, { exp: 4_102_444_800 }, {}]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    const credential = parseCredential(token, { tokenBytes: 16_384, ignoreIssuers: new Set() });
    assert.ok(credential.kind === 'bearer');
    const verdict = await ask(upstream, {}, { credential });
    assert.equal(verdict.kind === 'authenticated' && verdict.expiresAt, 4_102_444_800_000);
  });
});

void describe('a review', () => {
  void test('tells the brokers that it has passed', async (t) => {
    const upstream = await upstreamWith(t, good(alice));
    await ask(upstream, {}, { via: ['0123456789abcdef', 'fedcba9876543210'] });
    assert.equal(upstream.seen[0]?.headers['kube-auth-broker-via'], '0123456789abcdef, fedcba9876543210');
  });

  void test('that has passed four brokers asks nobody', async (t) => {
    const upstream = await upstreamWith(t, good(alice));
    assert.equal(told(await ask(upstream, {}, { via: ['a', 'b', 'c', 'd'] })), 'unavailable review-loop');
    assert.equal(upstream.exchanges(), 0);
  });
});
