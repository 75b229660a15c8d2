// The operations listener over HTTP: metrics, health, and nothing that reviews a token.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { describe, type TestContext, test } from 'node:test';
import type { Check } from '../../src/operations/checks.ts';
import { type OperationsSettings, operationsApp } from '../../src/operations/router.ts';
import { reviewBody } from '../webhook/setup.ts';

const METRICS = '# TYPE a counter\na 1\n';

interface Operations {
  readonly bugs: readonly unknown[];
  readonly ask: (path: string, init?: RequestInit) => Promise<{ status: number; text: string; headers: Headers }>;
}

const readiness = (): readonly Check[] => [{ name: 'config', result: 'ok' }];

async function start(t: Pick<TestContext, 'after'>, change: Partial<OperationsSettings> = {}): Promise<Operations> {
  const bugs: unknown[] = [];
  const app = operationsApp({
    scrape: async () => METRICS,
    readiness,
    failed: (error) => void bugs.push(error),
    ...change,
  });
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  return {
    bugs,
    ask: async (path, init) => {
      const response = await fetch(origin + path, { redirect: 'manual', ...init });
      return { status: response.status, text: await response.text(), headers: response.headers };
    },
  };
}

const DRAINING: readonly Check[] = [{ name: 'shutdown', result: 'failed', detail: 'draining' }];

void describe('pages', () => {
  const rows: {
    name: string;
    path: string;
    init?: RequestInit;
    change?: Partial<OperationsSettings>;
    want: [number, string];
  }[] = [
    { name: 'metrics', path: '/metrics', want: [200, METRICS] },
    { name: 'metrics with a query', path: '/metrics?x[]=1', want: [200, METRICS] },
    { name: 'live', path: '/livez', want: [200, 'ok'] },
    { name: 'live while it drains', path: '/livez', change: { readiness: () => DRAINING }, want: [200, 'ok'] },
    { name: 'live, verbose', path: '/livez?verbose', want: [200, '[+]ping ok\nlivez check passed\n'] },
    { name: 'live by its old name', path: '/healthz?verbose', want: [200, '[+]ping ok\nhealthz check passed\n'] },
    {
      name: 'ready without a check',
      path: '/readyz?exclude=shutdown',
      change: { readiness: () => DRAINING },
      want: [200, 'ok'],
    },
    {
      name: 'ready without two checks',
      path: '/readyz?exclude=shutdown&exclude=x&verbose',
      change: { readiness: () => DRAINING },
      want: [
        200,
        '[+]shutdown excluded: ok\nwarn: some health checks cannot be excluded: no matches for "x"\nreadyz check passed\n',
      ],
    },
    { name: 'ready', path: '/readyz', want: [200, 'ok'] },
    { name: 'ready, verbose', path: '/readyz?verbose', want: [200, '[+]config ok\nreadyz check passed\n'] },
    { name: 'ready, verbose=1', path: '/readyz?verbose=1', want: [200, '[+]config ok\nreadyz check passed\n'] },
    {
      name: 'not ready',
      path: '/readyz',
      change: { readiness: () => DRAINING },
      want: [503, '[-]shutdown failed: draining\nreadyz check failed\n'],
    },
    { name: 'HEAD', path: '/readyz', init: { method: 'HEAD' }, want: [200, ''] },
    { name: 'POST', path: '/metrics', init: { method: 'POST', body: 'x' }, want: [405, 'only GET is served here\n'] },
    { name: 'OPTIONS', path: '/livez', init: { method: 'OPTIONS' }, want: [405, 'only GET is served here\n'] },
    {
      name: 'another page',
      path: '/',
      want: [404, 'no such page; there are /metrics, /livez, /healthz and /readyz\n'],
    },
    {
      name: 'a profiler',
      path: '/debug/pprof',
      want: [404, 'no such page; there are /metrics, /livez, /healthz and /readyz\n'],
    },
    {
      name: 'a TokenReview',
      path: '/authenticate',
      init: { method: 'POST', body: reviewBody({ token: 'alice:wonderland' }) },
      want: [404, 'no such page; there are /metrics, /livez, /healthz and /readyz\n'],
    },
  ];
  for (const { name, path, init, change, want } of rows) {
    void test(name, async (t) => {
      const { ask } = await start(t, change);
      const { status, text, headers } = await ask(path, init);
      assert.deepEqual([status, text], want);
      assert.equal(headers.get('cache-control'), 'no-store');
      assert.equal(headers.get('allow'), status === 405 ? 'GET, HEAD' : null);
      for (const header of ['x-powered-by', 'etag', 'location']) assert.equal(headers.get(header), null);
    });
  }
  void test('metrics are of the text format that Prometheus reads', async (t) => {
    const { ask } = await start(t);
    assert.equal((await ask('/metrics')).headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
    assert.equal((await ask('/livez')).headers.get('content-type'), 'text/plain; charset=utf-8');
  });
});

void describe('a bug', () => {
  const bugs: Record<string, Partial<OperationsSettings>> = {
    '/metrics': { scrape: () => Promise.reject(new TypeError('canary')) },
    '/readyz': { readiness: () => assert.fail('canary') },
  };
  for (const [path, change] of Object.entries(bugs)) {
    void test(`in ${path} is 500 without detail, reported once`, async (t) => {
      const under = await start(t, change);
      const { status, text } = await under.ask(path);
      assert.deepEqual([status, text, under.bugs.length], [500, 'internal error\n', 1]);
    });
  }
});
