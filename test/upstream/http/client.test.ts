// The HTTP client of the providers, against real servers on loopback.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { HttpClientOptions, HttpRequest } from '../../../src/upstream/http/client.ts';
import { issueLoopback, makeAuthority } from '../../support/certificates.ts';
import { type FakeHandler, type FakeHttp, startFakeHttp } from '../../support/fake-http.ts';
import { gist, withClient } from '../../support/http-client.ts';
import { deadline } from '../../support/patience.ts';
import { inOrder, until } from '../../support/settled.ts';

const authority = makeAuthority('test authority');
const tls = issueLoopback(authority);
const trusting: HttpClientOptions = { tls: { ca: authority.cert } };
const DEADLINE_MS = 2000;

const handlers: Readonly<Record<string, FakeHandler>> = {
  '/ok': () => ({ status: 200, body: 'fine' }),
  '/redirect': () => ({ status: 307, headers: { location: '/stolen' } }),
  '/gzip': () => ({ status: 200, headers: { 'content-encoding': 'gzip' }, body: 'not really' }),
  '/identity': () => ({ status: 200, headers: { 'content-encoding': 'identity' }, body: 'fine' }),
  '/long': () => ({ status: 200, body: 'x'.repeat(70_000) }),
  '/long-error': () => ({ status: 500, body: 'x'.repeat(5_000_000) }),
  '/headers': () => ({ status: 200, headers: { 'x-long': 'x'.repeat(20_000) } }),
  '/latin1': (_request, response) => {
    response.writeHead(200).end(Buffer.from('fin\u00e9', 'latin1'));
    return 'handled';
  },
  '/latin1-json': (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(Buffer.from('{"a":"\u00e9"}', 'latin1'));
    return 'handled';
  },
  '/half-json': (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(Buffer.from('"\u00e9').subarray(0, 2));
    return 'handled';
  },
  '/hang': () => 'handled',
  '/drip': (_request, response) => {
    response.writeHead(200);
    const timer = setInterval(() => response.write('x'), 20);
    response.once('close', () => clearInterval(timer));
    return 'handled';
  },
  '/drip-error': (_request, response) => {
    response.writeHead(401);
    const timer = setInterval(() => response.write('x'), 20);
    response.once('close', () => clearInterval(timer));
    return 'handled';
  },
};

const onlyOf200 = (status: number): boolean => status === 200;

void describe('an exchange', () => {
  let upstream: FakeHttp;
  before(async () => {
    upstream = await startFakeHttp({
      tls,
      handler: (request, response) => handlers[request.path]?.(request, response) ?? { status: 404 },
    });
  });
  after(() => upstream.close());

  const rows: readonly { name: string; given: string; request?: Partial<HttpRequest>; ms?: number; want: unknown }[] = [
    { name: 'gives status and body', given: '/ok', want: { status: 200, body: 'fine' } },
    { name: 'gives a redirect as what it is', given: '/redirect', want: { status: 307, body: '' } },
    { name: 'refuses an encoded body', given: '/gzip', want: { kind: 'unavailable', reason: 'malformed-answer' } },
    { name: 'takes an encoding that says identity', given: '/identity', want: { status: 200, body: 'fine' } },
    {
      name: 'refuses JSON in Latin-1',
      given: '/latin1-json',
      want: { kind: 'unavailable', reason: 'malformed-answer' },
    },
    {
      name: 'refuses JSON that ends within a letter',
      given: '/half-json',
      want: { kind: 'unavailable', reason: 'malformed-answer' },
    },
    { name: 'takes a text in Latin-1', given: '/latin1', want: { status: 200, body: 'fin\ufffd' } },
    { name: 'stops at the body cap', given: '/long', want: { kind: 'unavailable', reason: 'oversize-answer' } },
    { name: 'stops at the header cap', given: '/headers', want: { kind: 'unavailable', reason: 'oversize-answer' } },
    {
      name: 'does not read a body that is not wanted',
      given: '/long-error',
      request: { wantsBody: onlyOf200 },
      want: { status: 500, body: '' },
    },
    {
      name: 'does not wait for a body that is not wanted',
      given: '/drip-error',
      request: { wantsBody: onlyOf200 },
      want: { status: 401, body: '' },
    },
    {
      name: 'ends at the deadline while waiting',
      given: '/hang',
      ms: 150,
      want: { kind: 'unavailable', reason: 'timeout' },
    },
    {
      name: 'ends at the deadline while a body drips',
      given: '/drip',
      ms: 150,
      want: { kind: 'unavailable', reason: 'timeout' },
    },
  ];
  for (const { name, given, request, ms = DEADLINE_MS, want } of rows) {
    void test(name, () =>
      withClient(trusting, async (send) => {
        const url = new URL(given, upstream.origin);
        assert.deepEqual(gist(await send({ method: 'GET', url, ...request }, deadline(ms))), want);
        await until('only idle connections are left', () => upstream.connections() <= 1);
        assert.equal(gist(await send({ method: 'GET', url: new URL('/ok', upstream.origin) }))?.constructor, Object);
      }),
    );
  }

  void test('never goes where a redirect points to', () =>
    assert.equal(
      upstream.seen.some(({ path }) => path === '/stolen'),
      false,
    ));

  void test('asks for no encoding and keeps its connections', () =>
    withClient(trusting, async (send) => {
      const accepted = upstream.accepted();
      const url = new URL('/ok', upstream.origin);
      await inOrder([1, 2, 3, 4, 5, 6], () => send({ method: 'GET', url }));
      assert.ok(upstream.accepted() - accepted <= 2, 'one, or two while the first is still becoming idle');
      assert.equal(upstream.seen.at(-1)?.headers['accept-encoding'], 'identity');
    }));

  void test('ignores proxy variables', async () => {
    const saved = { ...process.env };
    Object.assign(process.env, {
      HTTPS_PROXY: 'http://127.0.0.1:9',
      HTTP_PROXY: 'http://127.0.0.1:9',
      NODE_USE_ENV_PROXY: '1',
    });
    try {
      await withClient(trusting, async (send) =>
        assert.deepEqual(gist(await send({ method: 'GET', url: new URL('/ok', upstream.origin) })), {
          status: 200,
          body: 'fine',
        }),
      );
    } finally {
      process.env = saved;
    }
  });
});
