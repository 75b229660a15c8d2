// Runs every expression of the dashboard in a real Prometheus that scrapes a real broker, which everything has happened to.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { it } from 'node:test';
import { at, list, text } from '../../deploy/files.ts';
import { type Broker, type BrokerConfig, startBroker } from '../../support/broker.ts';
import { inOrder } from '../../support/settled.ts';
import { usersFile } from '../../support/users-file.ts';
import { prometheusMissing, startPrometheus } from '../rig/prometheus.ts';
import { redisMissing, startRedis } from '../rig/redis.ts';
import { freePort, waitFor } from '../rig/wait.ts';

const dashboard: unknown = JSON.parse(text('kubernetes/monitoring/dashboard.json'));
const expressions = list(dashboard, 'panels').flatMap((panel) =>
  list(panel, 'targets').map((target) => ({
    title: String(at(panel, 'title')),
    expression: String(at(target, 'expr')),
  })),
);

/** What Grafana puts in; the rig scrapes four times a second. */
const filledIn = (expression: string): string =>
  expression.replaceAll('$__rate_interval', '30s').replaceAll('"$job"', '".*"');

/** An upstream that is down, wrong passwords, a group that nobody may have, and one that cannot be shown. */
function configuration(port: number, store: URL): BrokerConfig {
  return {
    shared: { redis: { urls: [store.href] }, key: { env: 'SHARED_KEY' } },
    providers: [
      {
        name: 'local',
        type: 'users',
        concurrency: 1,
        match: "!credential.username.startsWith('web-')",
        options: { file: 'users.yaml' },
        claimMappings: { username: { claim: 'username', prefix: '' }, groups: { claim: 'groups', prefix: '' } },
      },
      { name: 'web', type: 'http-basic', options: { url: `http://127.0.0.1:${port}/` } },
    ],
    limits: { failedPasswords: { max: 1, window: '5m' } },
  };
}

/** Kept waiting, accepted, remembered, refused, kept from the upstream, and not told. */
async function everythingHappens(broker: Broker): Promise<void> {
  // Two at once, so that one waits for the other's slot.
  await Promise.all([broker.review(`${randomUUID()}:x`), broker.review(`${randomUUID()}:x`)]);
  const wrong = Array.from({ length: 3 }, () => `alice:${randomUUID()}`);
  const tokens = ['alice:wonderland', 'alice:wonderland', `web-bob:${randomUUID()}`, ...wrong];
  await inOrder(tokens, (token) => broker.review(token));
}

void it('every expression of the dashboard shows something', {
  skip: prometheusMissing() || redisMissing(),
}, async (t) => {
  const redis = await startRedis();
  t.after(() => redis.stop());
  const config = configuration(await freePort(), redis.url);
  const alice = { username: 'alice', password: 'wonderland', groups: ['developers', 'system:masters', 'dev\u200bops'] };
  const broker = await startBroker(t, {
    config,
    files: { 'users.yaml': usersFile(alice) },
    env: { SHARED_KEY: randomUUID() },
  });
  const prometheus = await startPrometheus({ target: broker.operations.replace('http://', '') });
  t.after(() => prometheus.stop());
  await everythingHappens(broker);
  broker.write('broker.yaml', 'nonsense: true\n');
  await broker.reloaded(1);
  await inOrder(expressions, ({ title, expression }) =>
    t.test(`${title}: ${expression}`, async () => {
      const shown = await waitFor(`samples of ${expression}`, async () => {
        await everythingHappens(broker);
        const samples = await prometheus.query(filledIn(expression));
        return samples.some(({ value }) => Number.isFinite(value)) ? samples : undefined;
      });
      assert.ok(shown.length > 0);
    }),
  );
});
