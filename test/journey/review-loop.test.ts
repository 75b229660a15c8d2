// Brokers that ask each other: a review that goes round is unavailable at once, and one that does not is answered.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stringify } from 'yaml';
import { authority, type Broker, startBroker } from '../support/broker.ts';
import { usersFile } from '../support/users-file.ts';

const kubeconfig = (origin: string): string =>
  stringify({
    clusters: [
      {
        name: 'c',
        cluster: {
          server: `${origin}/authenticate`,
          'certificate-authority-data': Buffer.from(authority.cert).toString('base64'),
        },
      },
    ],
    contexts: [{ name: 'x', context: { cluster: 'c' } }],
    'current-context': 'x',
  });

const OTHER = {
  name: 'other',
  type: 'token-review',
  options: { kubeconfig: 'other.kubeconfig', accepts: ['bearer', 'password'] },
};
const STAFF = { name: 'staff', type: 'users', options: { file: 'users.yaml' } };

const reasons = (broker: Broker): string[] =>
  broker.logged('review').map(({ reason }) => (typeof reason === 'string' ? reason : ''));

void test('a broker asks another one', async (t) => {
  const far = await startBroker(t, {
    files: { 'users.yaml': usersFile({ username: 'alice', password: 'wonderland' }) },
    config: { providers: [STAFF] },
  });
  const near = await startBroker(t, {
    files: { 'other.kubeconfig': kubeconfig(far.origin) },
    config: { providers: [OTHER] },
  });
  assert.equal((await near.review('alice:wonderland')).user?.username, 'other:staff:alice');
  assert.deepEqual(await near.review('alice:looking-glass'), { authenticated: false });
  assert.deepEqual(reasons(near), ['ok', 'not-authenticated']);
});

void test('two brokers that ask each other notice it', async (t) => {
  const first = await startBroker(t, {
    files: { 'other.kubeconfig': kubeconfig('https://localhost:1') },
    config: { providers: [OTHER] },
  });
  const second = await startBroker(t, {
    files: { 'other.kubeconfig': kubeconfig(first.origin) },
    config: { providers: [OTHER] },
  });
  first.write('other.kubeconfig', kubeconfig(second.origin));
  await first.reloaded(1);
  const begunMs = performance.now();
  assert.match((await first.review('some-token')).error ?? '', /unavailable/);
  assert.ok(performance.now() - begunMs < 2000, 'no deadline was waited for');
  assert.deepEqual(new Set(reasons(first)), new Set(['review-loop', 'upstream-error']));
});

void test('a header that no broker wrote helps nobody', async (t) => {
  const files = { 'users.yaml': usersFile({ username: 'alice', password: 'wonderland' }) };
  const broker = await startBroker(t, { files, config: { providers: [STAFF] } });
  const body = JSON.stringify({
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenReview',
    spec: { token: 'alice:wonderland' },
  });
  const answerTo = async (via: string) =>
    JSON.parse(
      (
        await broker.send('/authenticate', {
          method: 'POST',
          body,
          headers: { 'Content-Type': 'application/json', 'Kube-Auth-Broker-Via': via },
        })
      ).text,
    ).status;
  assert.equal((await answerTo('0123456789abcdef')).authenticated, true);
  const four = ['0', '1', '2', '3'].map((digit) => digit.repeat(16)).join(', ');
  for (const via of ['nonsense', '', four]) {
    // oxlint-disable-next-line no-await-in-loop -- one review after the other
    assert.match((await answerTo(via)).error, /unavailable/);
  }
});
