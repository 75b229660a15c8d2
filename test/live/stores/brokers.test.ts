// Two brokers as operators run them, with one store: verdicts, guesses and revocations of one are known to the other.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { newKey } from '../../../src/issuer/new-key.ts';
import { inOrder } from '../../support/settled.ts';
import { type Nginx, nginxMissing, startNginx } from '../rig/nginx.ts';
import { makePki, type Pki } from '../rig/pki.ts';
import { type Redis, redisMissing, startRedis } from '../rig/redis.ts';
import { temporaryFolder } from '../rig/temp.ts';
import { waitFor } from '../rig/wait.ts';
import { type Broker, startBroker } from '../support/broker.ts';
import { outcomeOf } from '../support/review.ts';

const MAX = 4;

async function hasStore(broker: Broker): Promise<true | undefined> {
  return /\[\+\]shared ok/.test((await broker.readyz()).text) || undefined;
}

void describe('brokers that share a store', { skip: redisMissing() || nginxMissing() }, () => {
  let pki: Pki;
  let redis: Redis;
  let nginx: Nginx;
  let brokers: readonly [Broker, Broker];

  before(async () => {
    pki = makePki(temporaryFolder('pki'));
    [redis, nginx] = await Promise.all([startRedis(), startNginx({ pki })]);
    const env = {
      SHARED_KEY: randomBytes(32).toString('base64'),
      SIGNING_KEY: newKey('EdDSA', randomBytes).secret,
    };
    const launch = (): Promise<Broker> =>
      startBroker({
        pki,
        env,
        providers: [
          { name: 'web', type: 'http-basic', options: { url: `${nginx.plainUrl}/ok`, canary: false } },
          { name: 'issued', type: 'issued' },
        ],
        settings: {
          shared: { redis: { urls: [redis.url.href] }, key: { env: 'SHARED_KEY' } },
          issuer: {
            name: 'https://broker.corp.example',
            audience: 'kubernetes',
            keys: [{ id: 'a', algorithm: 'EdDSA', privateKey: { env: 'SIGNING_KEY' } }],
            revocations: 'shared',
            revocationsFile: `${temporaryFolder('snapshot')}/revocations.json`,
          },
          cache: { rejectedTTL: '0s' },
          limits: { failedPasswords: { max: MAX, window: '5m' } },
        },
      });
    brokers = [await launch(), await launch()];
    await Promise.all(brokers.map((broker) => waitFor('the store', () => hasStore(broker))));
  });
  after(async () => {
    await Promise.all(brokers.map((broker) => broker.stop()));
    await Promise.all([redis.stop(), nginx.stop()]);
  });

  void test('ask the upstream once for one person', async () => {
    const [a, b] = brokers;
    const asked = (await nginx.requests()).length;
    assert.equal(outcomeOf(await a.review('alice:pw-alice')), 'authenticated');
    const answer = await waitFor('the verdict at the other broker', async () => {
      const found = await b.review('alice:pw-alice');
      return (await b.lineOf(found))['cache'] === 'hit' ? found : undefined;
    });
    assert.equal(answer.status.user?.username, 'web:alice');
    assert.ok((await nginx.requests()).length <= asked + 2);
    assert.ok(
      (await b.metric('authbroker_shared_state_requests_total', { operation: 'verdict_get', result: 'ok' })) > 0,
    );
  });

  void test('let nobody guess more often because there are two of them', async () => {
    const asked = (await nginx.requests()).length;
    const guesses = Array.from({ length: 3 * MAX }, (_, index) => index);
    await inOrder(guesses, (guess) => brokers[guess % 2 === 0 ? 0 : 1].review(`bob:guess-${guess}`));
    const evaluated = (await nginx.requests()).length - asked;
    assert.equal(evaluated, MAX);
    await brokers[1].review('bob:pw-bob');
    assert.equal((await nginx.requests()).length - asked, evaluated, 'the budget holds for an unproven password, too');
  });

  void test('tell when the store is lost, and serve on', async () => {
    const [, b] = brokers;
    await redis.kill();
    await waitFor('the word', async () => /\[-\]shared failed: .*degraded/.test((await b.readyz()).text) || undefined);
    assert.equal(outcomeOf(await b.review('alice:pw-alice')), 'authenticated');
    assert.equal((await b.readyz()).status, 200);
    await redis.start();
    await waitFor('the store', () => hasStore(b));
  });
});
