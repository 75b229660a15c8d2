// The operations listener: what Prometheus and the kubelet read, and nothing that reviews a token.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { METRIC_PREFIX, METRICS } from '../../src/telemetry/metric-table.ts';
import { tokenReview } from '../support/apiserver-client.ts';
import { startBroker } from '../support/broker.ts';
import { movesOf } from '../support/metric-series.ts';
import { inOrder } from '../support/settled.ts';
import { startUpstreams } from './upstreams.ts';

async function start(t: Parameters<typeof startBroker>[0]) {
  const upstreams = await startUpstreams(t, { web: { wanda: 'web-pass' } });
  const broker = await startBroker(t, { ...upstreams.given, config: { providers: [upstreams.entries.web] } });
  return { broker, web: upstreams.web };
}

const READY = '[+]config ok\n[+]listeners ok\n[+]tls ok\n[+]shutdown ok\n';

void describe('the operations listener', () => {
  void test('/livez and /readyz say ok, and list their checks when asked', async (t) => {
    const { broker } = await start(t);
    const pages = {
      '/livez': 'ok',
      '/healthz': 'ok',
      '/livez?verbose': '[+]ping ok\nlivez check passed\n',
      '/readyz': 'ok',
      '/readyz?verbose': `${READY}[+]provider/web ok\nreadyz check passed\n`,
    };
    await inOrder(Object.entries(pages), async ([path, want]) => {
      const { status, text } = await broker.get(path);
      assert.deepEqual([status, text], [200, want], path);
    });
    assert.deepEqual(await broker.moved(), {}, 'health checks are no reviews');
  });

  void test('an upstream that is down shows as degraded, and the broker stays ready', async (t) => {
    const { broker, web } = await start(t);
    await web.breakWith('refuses connections');
    await broker.review('wanda:web-pass');
    const { status, text } = await broker.get('/readyz?verbose');
    const line =
      '[-]provider/web failed: connection-refused: Nothing listens at the upstream address. (degraded, still ready)\n';
    assert.deepEqual([status, text], [200, `${READY}${line}readyz check passed\n`]);
    assert.deepEqual(
      await broker.moved(),
      movesOf({
        reviews: { 'unavailable connection-refused': 1 },
        cache: { miss: 1 },
        providers: { 'web unavailable connection-refused': 1 },
        up: { web: 0 },
      }),
    );
  });

  void test('/metrics has every metric of the table', async (t) => {
    const { broker } = await start(t);
    const { status, headers, text } = await broker.get('/metrics');
    assert.deepEqual([status, headers['content-type']], [200, 'text/plain; version=0.0.4; charset=utf-8']);
    const typed = [...text.matchAll(/^# TYPE authbroker_(\w+) (\w+)$/gm)].map(([, name, type]) => `${name} ${type}`);
    const table = Object.entries(METRICS).map(([name, { type }]) => `${name} ${type}`);
    assert.deepEqual(typed.toSorted(), table.toSorted());
    assert.match(
      text,
      new RegExp(`^${METRIC_PREFIX}build_info\\{version="[^"]+",node="${process.versions.node}"\\} 1$`, 'm'),
    );
    assert.match(text, /^process_cpu_seconds_total /m);
  });

  void test('only reads are answered, and only what there is', async (t) => {
    const { broker } = await start(t);
    const rows = [
      { method: 'POST', path: '/metrics', want: 405 },
      { method: 'DELETE', path: '/readyz', want: 405 },
      { method: 'GET', path: '/', want: 404 },
      { method: 'GET', path: '/debug/pprof/', want: 404 },
      { method: 'GET', path: '/metrics/x', want: 404 },
    ];
    const operations = broker.client({});
    await inOrder(rows, async ({ method, path, want }) => {
      const answer = await fetch(broker.operations + path, { method });
      assert.deepEqual([answer.status, answer.headers.get('allow')], [want, want === 405 ? 'GET, HEAD' : null], path);
      await answer.text();
    });
    operations.close();
    assert.deepEqual(await broker.moved(), {});
  });

  void test('neither listener serves the routes of the other', async (t) => {
    const { broker } = await start(t);
    await inOrder(['/metrics', '/livez', '/readyz'], async (path) => {
      assert.equal((await broker.send(path, { method: 'GET', headers: {} })).status, 404, path);
    });
    const body = tokenReview('wanda:web-pass');
    const headers = { 'Content-Type': 'application/json' };
    const posted = await fetch(`${broker.operations}/authenticate`, { method: 'POST', headers, body });
    assert.equal(posted.status, 404);
    assert.equal(await posted.text(), 'no such page; there are /metrics, /livez, /healthz and /readyz\n');
    assert.deepEqual(await broker.moved(), {});
  });
});
