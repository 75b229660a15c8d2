// A real Prometheus scrapes the broker: every metric that should have moved has, and promtool has no remark.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { METRIC_PREFIX, METRICS } from '../../../src/telemetry/metric-table.ts';
import { type OpenidProvider, startOpenidProvider } from '../rig/openid-provider.ts';
import { makePki } from '../rig/pki.ts';
import { type Prometheus, prometheusMissing, promtoolCheckMetrics, startPrometheus } from '../rig/prometheus.ts';
import { type Redis, redisMissing, startRedis } from '../rig/redis.ts';
import { type Slapd, slapdMissing, startSlapd } from '../rig/slapd.ts';
import { temporaryFolder } from '../rig/temp.ts';
import { freePort, waitFor } from '../rig/wait.ts';
import { type Broker, startBroker } from '../support/broker.ts';
import { ldapProvider, OIDC_AUDIENCE, oidcProvider, secretsOf } from '../support/broker-providers.ts';
import { outcomeOf } from '../support/review.ts';

const MAX_FAILED_PASSWORDS = 2;
/** Beside those of the token a name that cannot be shown. */
const GROUPS = "claims.groups + ['dev\\u200bops']";

void describe('Prometheus and the broker', { skip: prometheusMissing() || slapdMissing() || redisMissing() }, () => {
  let slapd: Slapd;
  let openid: OpenidProvider;
  let redis: Redis;
  let settings: Readonly<Record<string, unknown>>;
  let broker: Broker;
  let prometheus: Prometheus;

  before(async () => {
    const pki = makePki(temporaryFolder('pki'));
    [slapd, openid, redis] = await Promise.all([startSlapd({ pki }), startOpenidProvider({ pki }), startRedis()]);
    // Nobody listens there; only names that start with gone- are sent.
    const gone = { ...slapd, ldapsUrl: `ldaps://127.0.0.1:${await freePort()}` };
    const mappings = { username: { claim: 'username', prefix: 'oidc:' }, groups: { expression: GROUPS } };
    const providers = [
      ldapProvider(gone, { name: 'gone-ldap', match: "credential.username.startsWith('gone-')" }),
      // One at a time, so that of two the second waits.
      ldapProvider(slapd, { concurrency: 1 }),
      oidcProvider(openid, pki.caFile, { claimMappings: mappings }),
    ];
    settings = {
      limits: { failedPasswords: { max: MAX_FAILED_PASSWORDS, window: '5m' } },
      shared: { redis: { urls: [redis.url.href] }, key: { env: 'SHARED_KEY' } },
    };
    const env = { ...secretsOf(openid), SHARED_KEY: randomUUID() };
    broker = await startBroker({ pki, providers, settings, env });
    await reviewEverything();
    prometheus = await startPrometheus({ target: broker.operations });
  });
  after(async () => {
    await prometheus?.stop();
    await broker?.stop();
    await Promise.all([slapd?.stop(), openid?.stop(), redis?.stop()]);
  });

  /** One review of every kind, and one reload. */
  async function reviewEverything(): Promise<void> {
    const mallory = await openid.token({ username: 'mallory', resource: OIDC_AUDIENCE });
    const outcomes = [];
    for (const token of [
      'alice:pw-alice',
      'alice:pw-alice',
      mallory,
      'bob:wrong-1',
      'bob:wrong-2',
      'bob:wrong-3',
      'gone-x:y',
    ]) {
      // oxlint-disable-next-line no-await-in-loop -- the budget counts what came before
      outcomes.push(outcomeOf(await broker.review(token)));
    }
    const [inside, refused, unknown] = ['authenticated', 'rejected', 'unavailable'];
    assert.deepEqual(outcomes, [inside, inside, inside, refused, refused, unknown, unknown]);
    await assert.rejects(broker.review('alice:pw-alice', { path: '/no-such-endpoint' }));
    await assert.rejects(broker.review('x'.repeat(200_000)));
    const line = await broker.reload({ settings: { ...settings, log: { level: 'debug' } } });
    assert.equal(line.msg, 'configuration reloaded');
    const together = await Promise.all(['carol:pw-carol', 'dave:wrong-1'].map((token) => broker.review(token)));
    assert.deepEqual(together.map(outcomeOf), ['authenticated', 'rejected']);
  }

  void it('is scraped without an error', async () => {
    const { health, lastError } = await prometheus.targetHealth();
    assert.deepEqual({ health, lastError }, { health: 'up', lastError: '' });
  });

  for (const [name, { type, labels }] of Object.entries(METRICS)) {
    void it(`knows ${METRIC_PREFIX}${name} with its labels`, async () => {
      const series = METRIC_PREFIX + name + (type === 'histogram' ? '_count' : '');
      const samples = await prometheus.query(series);
      assert.notDeepEqual(samples, []);
      for (const sample of samples) {
        const own = Object.keys(sample.labels).filter((label) => !['__name__', 'instance', 'job'].includes(label));
        assert.deepEqual(own.toSorted(), labels.toSorted());
      }
      if (type === 'histogram')
        assert.notDeepEqual(await prometheus.query(`histogram_quantile(0.99, ${METRIC_PREFIX}${name}_bucket) > 0`), []);
    });
  }

  const values = [
    ['reviews_total{verdict="authenticated"}', 4],
    ['reviews_total{verdict="rejected",reason="wrong-password"}', 2],
    ['reviews_total{verdict="unavailable",reason="failed-password-budget"}', 1],
    ['reviews_total{verdict="unavailable",reason="connection-refused"}', 1],
    ['reviews_total{verdict="malformed",reason="oversize-body"}', 1],
    ['cache_requests_total{result="hit"}', 1],
    ['provider_up{provider="corp-ldap"}', 1],
    ['provider_up{provider="gone-ldap"}', 0],
    ['failed_password_blocks_total{provider="corp-ldap"}', 1],
    ['groups_dropped_total{provider="corp-idp",reason="unprintable"}', 1],
    ['reserved_names_dropped_total{provider="corp-idp",kind="group"}', 1],
    ['config_reloads_total{result="success"}', 1],
    ['build_info', 1],
  ] as const;
  for (const [series, want] of values) {
    void it(`${series} is ${want}`, async () => {
      const name = METRIC_PREFIX + (series.startsWith('reviews_') ? 'token_' : '') + series;
      await waitFor(`${name} to be ${want}`, async () => {
        const [sum] = await prometheus.query(`sum(${name})`);
        return sum?.value === want || undefined;
      });
    });
  }

  void it('shows when the certificate ends and when the configuration was loaded as times of now', async () => {
    const [days] = await prometheus.query(`(${METRIC_PREFIX}tls_certificate_not_after_seconds - time()) / 86400`);
    assert.ok(days !== undefined && days.value > 29 && days.value < 31, `${days?.value} days`);
    const [age] = await prometheus.query(`time() - ${METRIC_PREFIX}config_last_reload_success_timestamp_seconds`);
    assert.ok(age !== undefined && age.value >= 0 && age.value < 300, `${age?.value} s`);
  });

  void it('no remark of promtool about the metrics page', async () => {
    assert.deepEqual(await promtoolCheckMetrics(await broker.metrics()), { exitCode: 0, stdout: '', stderr: '' });
  });
});
