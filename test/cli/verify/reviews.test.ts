// What `verify` posts, and what it makes of the answers to nobody's token and to a given one.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { authority } from '../../support/broker.ts';
import { issueLoopback } from '../../support/certificates.ts';
import { startFakeHttp } from '../../support/fake-http.ts';
import { fake, verified } from './setup.ts';

const answerRows = [
  {
    name: 'a random token is let in',
    given: { authenticated: true, user: { username: 'x' } },
    code: 1,
    want: /× TokenReview v1: a random token is let in/,
  },
  {
    name: 'the webhook cannot tell',
    given: { authenticated: false, error: 'authentication is unavailable, review x' },
    code: 3,
    want: /× TokenReview v1: the webhook could not tell \(authentication is unavailable, review x\): .*check --connect/,
  },
  {
    name: 'a status of the wrong type',
    given: { authenticated: 'no' },
    code: 1,
    want: /× TokenReview v1: a status with fields of the wrong type/,
  },
];

for (const { name, given, code, want } of answerRows) {
  void test(`${name}: exit ${code}`, async (t) => {
    const ran = await verified(t, await fake(t, { status: 200, body: JSON.stringify({ status: given }) }));
    assert.match(ran.stdout, want);
    assert.equal(ran.code, code);
  });
}

const user = { username: 'alice', groups: ['dev'] };

const tokenRows = [
  {
    name: 'good for one of them',
    given: { authenticated: true, user, audiences: ['kubernetes'] },
    code: 0,
    want: /√ your token: is alice, in dev; good for kubernetes\n/,
  },
  {
    name: 'good for none of them',
    given: { authenticated: true, user, audiences: ['other'] },
    code: 1,
    want: /× your token: .*for none of the audiences asked, so kube-apiserver refuses it/,
  },
  {
    name: 'nothing said',
    given: { authenticated: true, user },
    code: 0,
    want: /‼ your token: .*for its own --api-audiences only/,
  },
  { name: 'refused', given: { authenticated: false }, code: 1, want: /× your token: is refused; run explain/ },
  {
    name: 'sent back as the name',
    given: { authenticated: true, user: { username: 'x Canary-own-token' }, audiences: ['kubernetes'] },
    code: 0,
    want: /is x \[redacted\], in no group/,
  },
];

for (const { name, given, code, want } of tokenRows) {
  void test(`a token and --audience: ${name}: exit ${code}`, async (t) => {
    const seen: unknown[] = [];
    const http = await startFakeHttp({
      tls: issueLoopback(authority),
      handler: ({ body }) => {
        const { apiVersion, spec } = JSON.parse(body);
        seen.push(spec.audiences);
        const status = spec.token === 'Canary-own-token' ? given : { authenticated: false };
        return { status: 200, body: JSON.stringify({ apiVersion, kind: 'TokenReview', status }) };
      },
    });
    t.after(() => http.close());
    const argv = ['--token-stdin', '--audience', 'kubernetes', '--audience', 'b'];
    const ran = await verified(t, `${http.origin}/authenticate`, {}, { stdin: 'Canary-own-token\n' }, argv);
    assert.match(ran.stdout, want);
    assert.equal(ran.code, code, ran.stdout);
    assert.deepEqual(seen, [['kubernetes', 'b'], ['kubernetes', 'b'], undefined, ['kubernetes', 'b']]);
    assert.deepEqual(ran.sinks.leaksOf('Canary-own-token'), []);
  });
}

void test('what is posted is what kube-apiserver posts', async (t) => {
  const http = await startFakeHttp({
    tls: issueLoopback(authority),
    handler: () => ({ status: 200, body: '{"status":{}}' }),
  });
  t.after(() => http.close());
  await verified(t, `${http.origin}/a/`);
  const [first, second] = http.seen;
  assert.deepEqual([first?.method, first?.path], ['POST', '/a?timeout=30s']);
  assert.equal(first?.headers['content-type'], 'application/json');
  const { spec, ...review } = JSON.parse(first?.body ?? '');
  const want = { kind: 'TokenReview', apiVersion: 'authentication.k8s.io/v1', metadata: {}, status: { user: {} } };
  assert.deepEqual(review, want);
  assert.match(spec.token, /^verify-[\w-]{32}$/);
  assert.equal(JSON.parse(second?.body ?? '').apiVersion, 'authentication.k8s.io/v1beta1');
});
