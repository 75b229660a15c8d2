// Which requests go through a proxy, and what a proxy may do to them.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { exchange } from '../../../src/login/exchange.ts';
import { ProxyFault, proxyFor, tunnel } from '../../../src/upstream/http/proxy.ts';
import { makeAuthority } from '../../support/certificates.ts';
import { startFakeHttp } from '../../support/fake-http.ts';
import { type FakeProxyOptions, startFakeProxy } from '../../support/fake-proxy.ts';

const PROXY = 'http://proxy.corp.example:3128';
const TARGET = 'https://broker.corp.example/authenticate';
const HOST = 'broker.corp.example';

void describe('the proxy of the environment', () => {
  const rows: readonly { name: string; given?: string; env: Record<string, string>; want: string | undefined }[] = [
    { name: 'none', env: {}, want: undefined },
    { name: 'HTTPS_PROXY for https', env: { HTTPS_PROXY: PROXY }, want: PROXY },
    { name: 'HTTPS_PROXY not for http', given: `http://${HOST}`, env: { HTTPS_PROXY: PROXY }, want: undefined },
    { name: 'HTTP_PROXY for http', given: `http://${HOST}`, env: { HTTP_PROXY: PROXY }, want: PROXY },
    { name: 'HTTP_PROXY not for https', env: { HTTP_PROXY: PROXY }, want: undefined },
    { name: 'lower case', env: { https_proxy: PROXY }, want: PROXY },
    {
      name: 'upper case before lower case',
      env: { HTTPS_PROXY: PROXY, https_proxy: 'http://other.example' },
      want: PROXY,
    },
    { name: 'an empty variable', env: { HTTPS_PROXY: '' }, want: undefined },
    { name: 'no scheme', env: { HTTPS_PROXY: 'proxy.corp.example:3128' }, want: PROXY },
    { name: 'NO_PROXY of everything', env: { HTTPS_PROXY: PROXY, NO_PROXY: '*' }, want: undefined },
    { name: 'NO_PROXY of the host', env: { HTTPS_PROXY: PROXY, NO_PROXY: `a.example, ${HOST}` }, want: undefined },
    { name: 'NO_PROXY in another case', env: { HTTPS_PROXY: PROXY, NO_PROXY: HOST.toUpperCase() }, want: undefined },
    { name: 'NO_PROXY of the domain above', env: { HTTPS_PROXY: PROXY, NO_PROXY: 'corp.example' }, want: undefined },
    { name: 'NO_PROXY of what ends alike', env: { HTTPS_PROXY: PROXY, NO_PROXY: 'rp.example' }, want: PROXY },
    { name: 'NO_PROXY of what is below the host', env: { HTTPS_PROXY: PROXY, NO_PROXY: `.${HOST}` }, want: PROXY },
    { name: 'NO_PROXY with a wildcard', env: { HTTPS_PROXY: PROXY, NO_PROXY: '*.corp.example' }, want: undefined },
    { name: 'NO_PROXY of the port', env: { HTTPS_PROXY: PROXY, NO_PROXY: `${HOST}:443` }, want: undefined },
    { name: 'NO_PROXY of another port', env: { HTTPS_PROXY: PROXY, NO_PROXY: `${HOST}:8443` }, want: PROXY },
    { name: 'no_proxy', env: { HTTPS_PROXY: PROXY, no_proxy: HOST }, want: undefined },
    { name: 'a loopback name', given: 'https://localhost:1', env: { HTTPS_PROXY: PROXY }, want: undefined },
    { name: 'a loopback address', given: 'https://[::1]:1', env: { HTTPS_PROXY: PROXY }, want: undefined },
    {
      name: 'an address in a network',
      given: 'https://10.1.2.3',
      env: { HTTPS_PROXY: PROXY, NO_PROXY: '10.0.0.0/8' },
      want: undefined,
    },
    {
      name: 'an address beside it',
      given: 'https://11.1.2.3',
      env: { HTTPS_PROXY: PROXY, NO_PROXY: '10.0.0.0/8' },
      want: PROXY,
    },
    {
      name: 'an IPv6 network',
      given: 'https://[fd00::7]',
      env: { HTTPS_PROXY: PROXY, NO_PROXY: 'fd00::/8' },
      want: undefined,
    },
    {
      name: 'an IPv6 address',
      given: 'https://[fd00::7]',
      env: { HTTPS_PROXY: PROXY, NO_PROXY: 'fd00::7' },
      want: undefined,
    },
    {
      name: 'an IPv6 address with a port',
      given: 'https://[fd00::7]:8443',
      env: { HTTPS_PROXY: PROXY, NO_PROXY: '[fd00::7]:443' },
      want: PROXY,
    },
    {
      name: 'a network that is none',
      given: 'https://10.1.2.3',
      env: { HTTPS_PROXY: PROXY, NO_PROXY: '10.0.0.0/99' },
      want: PROXY,
    },
  ];
  for (const { name, given = TARGET, env, want } of rows) {
    void test(`${name}: ${want ?? 'goes directly'}`, () => {
      assert.equal(proxyFor(new URL(given), env)?.url.origin, want);
    });
  }

  for (const given of ['socks5://proxy.example:1080', 'http://', 'ftp://proxy.example']) {
    void test(`${given} is refused, with the name of the variable`, () => {
      assert.throws(() => proxyFor(new URL(TARGET), { HTTPS_PROXY: given }), {
        message: 'HTTPS_PROXY is not the URL of an HTTP proxy',
      });
    });
  }
});

void describe('an exchange through a proxy', () => {
  const authority = makeAuthority('Corp');

  async function through(
    t: { after(done: () => Promise<void>): void },
    options: Partial<FakeProxyOptions>,
    userinfo = '',
  ) {
    const tls = authority.issue({ commonName: HOST, names: [HOST] });
    const http = await startFakeHttp({ tls, handler: ({ path }) => ({ status: 200, body: path }) });
    const proxy = await startFakeProxy({ toPort: http.port, ...options });
    t.after(async () => {
      await Promise.all([http.close(), proxy.close()]);
    });
    const env = { HTTPS_PROXY: `http://${userinfo}localhost:${proxy.port}` };
    const question = { method: 'GET', path: 'whoami', headers: {}, timeoutMs: 5000 } as const;
    const answer = exchange({ server: new URL(`https://${HOST}/`), ca: authority.cert, env }, question);
    const port = proxy.port;
    return { http, proxy, port, answer: await answer.catch((error: unknown) => error) };
  }

  void test('reaches the server behind it, whose certificate is verified', async (t) => {
    const { answer, proxy } = await through(t, {});
    assert.deepEqual(answer, { status: 200, text: '/whoami' });
    assert.deepEqual(proxy.asked, [`${HOST}:443`]);
  });

  void test('shows user and password to the proxy, and to nothing else', async (t) => {
    const { answer, http } = await through(t, { credentials: 'ann:p@ss' }, 'ann:p%40ss@');
    assert.deepEqual(answer, { status: 200, text: '/whoami' });
    assert.equal(http.seen[0]?.headers['proxy-authorization'], undefined);
  });

  const faults = [
    {
      name: 'that wants a password',
      given: { credentials: 'ann:pw' },
      want: /^the proxy localhost:\d+ \(HTTPS_PROXY\) wants a user and a password \(407\)/,
    },
    {
      name: 'that refuses',
      given: { refuseWith: 403 },
      want: /^the proxy localhost:\d+ \(HTTPS_PROXY\) does not connect \(403\)$/,
    },
    {
      name: 'that cannot connect',
      given: { toPort: 1 },
      want: /^the proxy localhost:\d+ \(HTTPS_PROXY\) broke off: ECONNRESET$/,
    },
  ];
  for (const { name, given, want } of faults) {
    void test(`one ${name} is told by name, without its password`, async (t) => {
      const { answer, http } = await through(t, given, 'ann:Canary-secret@');
      assert.ok(answer instanceof ProxyFault);
      assert.match(answer.message, want);
      assert.doesNotMatch(answer.message, /Canary/);
      assert.equal(http.accepted(), 0);
    });
  }

  void test('one whose password has a % that is none is told before it is dialled', async () => {
    const proxy = { url: new URL('http://ann:Canary%secret@localhost:1'), variable: 'HTTPS_PROXY' };
    const answer = await tunnel(proxy, new URL(TARGET), AbortSignal.timeout(5000)).catch((error: unknown) => error);
    assert.ok(answer instanceof ProxyFault);
    assert.equal(answer.message, 'the name or the password in HTTPS_PROXY has a % that begins no escape: write %25');
  });

  void test('one that is not there is told, too', async () => {
    const proxy = { url: new URL('http://localhost:1'), variable: 'https_proxy' };
    await assert.rejects(tunnel(proxy, new URL(TARGET), AbortSignal.timeout(5000)), {
      message: 'the proxy localhost:1 (https_proxy) cannot be reached: ECONNREFUSED',
    });
  });
});
