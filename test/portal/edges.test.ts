// What holds for every request: what other sites may not do, what nobody may keep, and what no route is.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { authenticated } from '../../src/core/verdict.ts';
import { inOrder } from '../support/settled.ts';
import { HEADER, json, startPortal } from './setup.ts';

const ALICE = { username: 'alice', password: 'wonderland' };
const LETS_IN = () => authenticated({ identity: { username: 'ldap:alice', groups: [], extra: {} } });
const POSTS = ['/', '/token', '/generate', '/revoke'];

void describe('a POST from another site', () => {
  const refused: readonly { name: string; headers: Record<string, string> }[] = [
    { name: 'another site', headers: { 'Sec-Fetch-Site': 'cross-site' } },
    { name: 'a neighbour under the same domain', headers: { 'Sec-Fetch-Site': 'same-site' } },
    { name: 'a site that the browser cannot name', headers: { 'Sec-Fetch-Site': 'x' } },
    { name: 'another origin', headers: { Origin: 'https://evil.example' } },
    { name: 'an origin that begins like ours', headers: { Origin: 'https://broker.corp.example.evil.example' } },
    { name: 'an origin with another port', headers: { Origin: 'https://broker.corp.example:8443' } },
    { name: 'our host in clear', headers: { Origin: 'http://broker.corp.example', Host: 'broker.corp.example' } },
    { name: 'what is fetched ahead', headers: { 'Sec-Purpose': 'prefetch;prerender' } },
    { name: 'what is fetched ahead by an older browser', headers: { 'X-Moz': 'prefetch' } },
    { name: 'an origin that is null', headers: { Origin: 'null' } },
    { name: 'an origin that is none', headers: { Origin: 'x' } },
    {
      name: 'another origin that says it is the same',
      headers: { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'same-origin' },
    },
  ];
  for (const { name, headers } of refused) {
    void test(`is refused everywhere: ${name}`, async (t) => {
      const portal = await startPortal(t, { check: LETS_IN, settings: { header: HEADER } });
      await inOrder(POSTS, async (path) => {
        const answer = await portal.post(path, ALICE, { ...headers, 'X-Forwarded-User': 'cooluser' });
        assert.equal(answer.status, 403, path);
      });
      assert.deepEqual([portal.checked, portal.asked], [[], []]);
    });
  }

  const taken: readonly { name: string; headers: (origin: string) => Record<string, string> }[] = [
    { name: 'no browser', headers: () => ({}) },
    {
      name: 'the portal under its own address',
      headers: (origin) => ({ Origin: origin, 'Sec-Fetch-Site': 'same-origin' }),
    },
    { name: 'the portal under its public address', headers: () => ({ Origin: 'https://broker.corp.example' }) },
    { name: 'somebody who typed the address', headers: () => ({ 'Sec-Fetch-Site': 'none' }) },
    {
      name: 'the portal behind a proxy that ends TLS',
      headers: () => ({ Origin: 'https://broker.corp.example', Host: 'Broker.corp.example' }),
    },
    {
      name: 'the portal through a forwarded port',
      headers: () => ({ Origin: 'https://broker.corp.example:9443', Host: 'broker.corp.example:9443' }),
    },
  ];
  for (const { name, headers } of taken) {
    void test(`is none when it is from ${name}`, async (t) => {
      const portal = await startPortal(t, { check: LETS_IN });
      assert.equal((await portal.post('/token', ALICE, headers(portal.origin))).status, 200);
    });
  }
});

void describe('a request for another host', () => {
  const good = { 'X-Forwarded-User': 'cooluser' };
  const rows: readonly { name: string; host: string; want: number }[] = [
    { name: 'the public one', host: 'broker.corp.example', want: 200 },
    { name: 'the public one, spelt otherwise, with a port', host: 'BROKER.corp.example:8443', want: 200 },
    { name: 'the address at which it arrived', host: '127.0.0.1:8081', want: 200 },
    { name: 'localhost, where that is the address', host: 'localhost:8081', want: 200 },
    { name: 'another one, as after DNS rebinding', host: 'evil.test', want: 421 },
    { name: 'one that begins the same', host: 'broker.corp.example.evil.test', want: 421 },
    { name: 'one that ends the same', host: 'evil-broker.corp.example', want: 421 },
    { name: 'another address', host: '127.0.0.2', want: 421 },
    { name: 'an address that only reads as ours', host: '0x7f.1', want: 200 },
    { name: 'a user before another one', host: 'broker.corp.example@evil.test', want: 421 },
    { name: 'a path', host: 'broker.corp.example/@evil.test', want: 421 },
  ];
  for (const { name, host, want } of rows) {
    void test(`${name}: ${want}`, async (t) => {
      const portal = await startPortal(t, { settings: { header: HEADER } });
      const headers = { ...good, Host: host };
      assert.equal((await portal.post('/generate', { lifetime: '1h' }, headers)).status, want);
      assert.equal((await portal.ask('/', { headers })).status, want);
      assert.equal(portal.asked.length, want === 200 ? 1 : 0);
    });
  }
});

void describe('every answer', () => {
  const rows = [
    { name: 'the page', path: '/', method: 'GET' },
    { name: 'a refused form', path: '/', method: 'POST' },
    { name: 'a token that is not given', path: '/token', method: 'POST' },
    { name: 'kubehook’s', path: '/generate', method: 'POST' },
    { name: 'the kubeconfig', path: '/kubeconfig', method: 'GET' },
    { name: 'no kubecfg', path: '/kubecfg?lifetime=1h', method: 'GET' },
    { name: 'whoami', path: '/whoami', method: 'GET' },
    { name: 'revoke', path: '/revoke', method: 'POST' },
    { name: 'no page', path: '/nowhere', method: 'GET' },
    { name: 'another method', path: '/', method: 'DELETE' },
  ];
  for (const { name, path, method } of rows) {
    void test(`is kept by nobody, framed by nobody and runs nothing: ${name}`, async (t) => {
      const { headers } = await (await startPortal(t)).ask(path, { method });
      assert.equal(headers['cache-control'], 'no-store');
      assert.equal(headers['x-content-type-options'], 'nosniff');
      assert.equal(headers['x-powered-by'], undefined);
      assert.equal(headers['set-cookie'], undefined);
      assert.equal(headers['strict-transport-security'], 'max-age=31536000');
      const policy = String(headers['content-security-policy']);
      assert.match(policy, /(?:^|; )default-src 'none'(?:;|$)/);
      assert.match(policy, /(?:^|; )frame-ancestors 'none'(?:;|$)/);
      assert.doesNotMatch(policy, /unsafe|\*|https?:/);
    });
  }
});

void describe('a request that is not served', () => {
  const rows = [
    { name: 'another page', path: '/metrics', method: 'GET', want: 404, allow: undefined },
    { name: 'the webhook', path: '/authenticate', method: 'POST', want: 404, allow: undefined },
    { name: 'a slash too many', path: '/token/', method: 'POST', want: 404, allow: undefined },
    { name: 'what stopped kubehook', path: '/quitquitquit', method: 'GET', want: 404, allow: undefined },
    { name: 'minting by GET', path: '/token', method: 'GET', want: 405, allow: 'POST' },
    { name: 'minting by GET as kubehook', path: '/generate', method: 'GET', want: 405, allow: 'POST' },
    { name: 'revoking by GET', path: '/revoke', method: 'GET', want: 405, allow: 'POST' },
    { name: 'posting to a file', path: '/kubeconfig', method: 'POST', want: 405, allow: 'GET, HEAD' },
    { name: 'PUT', path: '/', method: 'PUT', want: 405, allow: 'GET, HEAD, POST' },
    { name: 'OPTIONS', path: '/token', method: 'OPTIONS', want: 405, allow: 'POST' },
  ];
  for (const { name, path, method, want, allow } of rows) {
    void test(`${name}: ${want}`, async (t) => {
      const portal = await startPortal(t, { check: LETS_IN });
      const answer = await portal.ask(path, { method });
      assert.deepEqual([answer.status, answer.headers['allow']], [want, allow]);
      assert.deepEqual(portal.asked, []);
    });
  }

  void test('a client certificate of another name: 401', async (t) => {
    const portal = await startPortal(t, { client: { kind: 'refused' } });
    assert.equal((await portal.ask('/')).status, 401);
  });

  void test('a bug: 500, without a detail', async (t) => {
    const portal = await startPortal(t, {
      check: () => {
        throw new Error('canary');
      },
    });
    const answer = await portal.post('/token', ALICE);
    assert.deepEqual([answer.status, answer.text, portal.bugs.length], [500, 'internal error\n', 1]);
  });

  void test('a HEAD of the page has its headers', async (t) => {
    const answer = await (await startPortal(t)).ask('/', { method: 'HEAD' });
    assert.deepEqual([answer.status, answer.text], [200, '']);
  });
});

void test('a portal in clear on loopback does not ask for HTTPS', async (t) => {
  const portal = await startPortal(t, { settings: { publicURL: new URL('http://127.0.0.1:8081/') } });
  assert.equal((await portal.ask('/')).headers['strict-transport-security'], undefined);
});

void test('an error is JSON for programs', async (t) => {
  const answer = await (await startPortal(t)).ask('/token', { method: 'GET' });
  assert.deepEqual(json(answer), { error: 'only POST is served here' });
});
