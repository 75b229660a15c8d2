// Sign-in by a reverse proxy: whose word counts, what the word may be, and what kubehook's clients get.

import assert from 'node:assert/strict';
import { BlockList } from 'node:net';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { HOUR_MS } from '../issuer/setup.ts';
import { type Given, HEADER, json, startPortal } from './setup.ts';

const USER = 'X-Forwarded-User';
const GROUPS = 'X-Forwarded-Groups';
const ELSEWHERE = new BlockList();
ELSEWHERE.addSubnet('10.0.0.0', 8, 'ipv4');
const PROXIED: Given = { settings: { header: HEADER } };
const LIFETIME = { lifetime: '24h' };
/** As a header has it. */
const bytes = (text: string): string => Buffer.from(text).toString('latin1');

void describe('POST /generate', () => {
  void test('gives a token for the user and groups of the headers, and nothing else', async (t) => {
    const portal = await startPortal(t, PROXIED);
    const headers = { [USER]: 'cooluser', [GROUPS]: bytes('devs; ops;;devs;system:masters;Ｓystem:x') };
    const answer = await portal.post('/generate', LIFETIME, headers);
    assert.equal(answer.status, 200);
    assert.match(String(answer.headers['content-type']), /^application\/json/);
    const { token, ...rest } = json(answer);
    assert.deepEqual(rest, {});
    const verdict = await portal.issuer.inspect(String(token));
    assert.ok(verdict.kind === 'authenticated');
    const { username, uid, groups, expiresAtMs } = verdict.value;
    assert.deepEqual({ username, uid, groups }, { username: 'cooluser', uid: undefined, groups: ['devs', 'ops'] });
    assert.equal(expiresAtMs, portal.clock.now() + 24 * HOUR_MS);
    const [event] = portal.asked;
    assert.deepEqual([event?.method, event?.result, event?.username], ['header', 'issued', 'cooluser']);
    assert.deepEqual(portal.checked, [], 'the chain is not asked');
  });

  void test('reads names as UTF-8, as they are sent', async (t) => {
    const portal = await startPortal(t, PROXIED);
    const { token } = json(
      await portal.post('/generate', LIFETIME, { [USER]: bytes('jürgen'), [GROUPS]: bytes('größe') }),
    );
    const verdict = await portal.issuer.inspect(String(token));
    assert.deepEqual(verdict.kind === 'authenticated' && [verdict.value.username, verdict.value.groups], [
      'jürgen',
      ['größe'],
    ]);
  });

  void test('takes what curl -d sends, as kubehook did', async (t) => {
    const portal = await startPortal(t, PROXIED);
    const type = { 'Content-Type': 'application/x-www-form-urlencoded' };
    assert.equal((await portal.post('/generate', LIFETIME, { [USER]: 'cooluser', ...type })).status, 200);
  });

  const twice = ['a', 'b'];
  const good = { [USER]: 'cooluser' };
  const rows: readonly { name: string; body?: unknown; headers: Record<string, string | string[]>; want: number }[] = [
    { name: 'no lifetime', body: {}, headers: good, want: 400 },
    { name: 'a lifetime of zero', body: { lifetime: '0h' }, headers: good, want: 400 },
    { name: 'a negative lifetime', body: { lifetime: '-24h' }, headers: good, want: 400 },
    { name: 'a lifetime that is too long', body: { lifetime: '25h' }, headers: good, want: 400 },
    { name: 'a lifetime that is null', body: { lifetime: null }, headers: good, want: 400 },
    { name: 'no JSON object', body: 'x', headers: good, want: 400 },
    { name: 'no user', headers: {}, want: 400 },
    { name: 'an empty user', headers: { [USER]: '' }, want: 400 },
    { name: 'two user headers', headers: { [USER]: twice }, want: 400 },
    { name: 'two user headers of the same name', headers: { [USER]: ['cooluser', 'cooluser'] }, want: 400 },
    { name: 'two headers of groups', headers: { ...good, [GROUPS]: twice }, want: 400 },
    { name: 'two users in one header, as a proxy joins them', headers: { [USER]: 'alice, mallory' }, want: 400 },
    { name: 'a byte-order mark before the user', headers: { [USER]: bytes('\ufeffalice') }, want: 400 },
    { name: 'a reserved user', headers: { [USER]: 'system:admin' }, want: 400 },
    { name: 'a reserved user in disguise', headers: { [USER]: bytes('Ｓystem:admin') }, want: 400 },
    { name: 'a user with a tab', headers: { [USER]: 'a\tb' }, want: 400 },
    { name: 'bytes that are no UTF-8', headers: { [USER]: 'j\u00fcrgen' }, want: 400 },
    { name: 'a user that is too long', headers: { [USER]: 'x'.repeat(300) }, want: 400 },
  ];
  for (const { name, body = LIFETIME, headers, want } of rows) {
    void test(`${name}: ${want}`, async (t) => {
      const portal = await startPortal(t, PROXIED);
      const answer = await portal.post('/generate', body, headers);
      assert.equal(answer.status, want, answer.text);
      assert.deepEqual(Object.keys(json(answer)), ['error']);
      assert.deepEqual(
        portal.asked.map(({ result, username }) => [result, username]),
        [['invalid', undefined]],
      );
    });
  }
});

void describe('a peer', () => {
  const names = ['oauth2-proxy', 'spiffe://corp/proxy'];
  const rows: readonly { name: string; trusted: object; names?: readonly string[]; want: number }[] = [
    { name: 'at a trusted address', trusted: HEADER.trusted, want: 200 },
    { name: 'at another address', trusted: { addresses: ELSEWHERE }, want: 403 },
    { name: 'with a trusted name', trusted: { clientNames: ['spiffe://corp/proxy'] }, names, want: 200 },
    { name: 'with another name', trusted: { clientNames: ['oauth2'] }, names, want: 403 },
    { name: 'without a certificate', trusted: { clientNames: ['oauth2-proxy'] }, want: 403 },
    { name: 'with the name, elsewhere', trusted: { clientNames: names, addresses: ELSEWHERE }, names, want: 403 },
    { name: 'with both', trusted: { ...HEADER.trusted, clientNames: names }, names, want: 200 },
    { name: 'of which nothing is demanded', trusted: {}, names, want: 403 },
  ];
  for (const { name, trusted, names: has = [], want } of rows) {
    void test(`${name}: ${want}`, async (t) => {
      const settings = { header: { ...HEADER, trusted } };
      const portal = await startPortal(t, { settings, portal: { namesOf: () => has } });
      const answer = await portal.post('/generate', LIFETIME, { [USER]: 'cooluser' });
      assert.equal(answer.status, want);
      const page = await portal.ask('/', { headers: { [USER]: 'cooluser' } });
      assert.equal(page.text.includes('cooluser'), want === 200, 'the page believes the same');
    });
  }

  void test('is believed by nobody where no headers are configured', async (t) => {
    const portal = await startPortal(t);
    assert.equal((await portal.post('/generate', LIFETIME, { [USER]: 'cooluser' })).status, 403);
  });
});

void describe('GET /kubecfg', () => {
  const compatible: Given = { ...PROXIED, issuer: { kubehookCompatible: true } };
  const ask = { headers: { [USER]: 'cooluser' } };

  void test('is a kubeconfig with a token, to be saved', async (t) => {
    const portal = await startPortal(t, compatible);
    const answer = await portal.ask('/kubecfg?lifetime=24h', ask);
    assert.equal(answer.status, 200);
    assert.match(String(answer.headers['content-type']), /^application\/x-yaml/);
    assert.match(String(answer.headers['content-disposition']), /^attachment/);
    const { users, contexts, clusters } = parse(answer.text);
    const verdict = await portal.issuer.inspect(users[0].user.token);
    assert.equal(verdict.kind === 'authenticated' && verdict.value.username, 'cooluser');
    assert.deepEqual(contexts, [{ name: 'prod', context: { cluster: 'prod', user: users[0].name } }]);
    assert.equal(clusters[0].cluster.server, 'https://kube.corp.example:6443');
  });

  const rows: readonly { name: string; given: Given; path?: string; headers?: Record<string, string>; want: number }[] =
    [
      { name: 'without kubehookCompatible', given: PROXIED, want: 405 },
      { name: 'without a template', given: { ...compatible, without: 'kubeconfig' }, want: 501 },
      { name: 'without a lifetime', given: compatible, path: '/kubecfg', want: 400 },
      { name: 'with a lifetime that is too long', given: compatible, path: '/kubecfg?lifetime=48h', want: 400 },
      { name: 'without a user', given: compatible, headers: {}, want: 400 },
      {
        name: 'asked for by another site',
        given: compatible,
        headers: { ...ask.headers, 'Sec-Fetch-Site': 'cross-site' },
        want: 403,
      },
      {
        name: 'fetched ahead by a browser',
        given: compatible,
        headers: { ...ask.headers, 'Sec-Purpose': 'prefetch' },
        want: 403,
      },
      { name: 'where no headers are believed', given: { issuer: { kubehookCompatible: true } }, want: 403 },
    ];
  for (const { name, given, path = '/kubecfg?lifetime=24h', headers = ask.headers, want } of rows) {
    void test(`${name}: ${want}`, async (t) => {
      const portal = await startPortal(t, given);
      assert.equal((await portal.ask(path, { headers })).status, want);
      assert.equal(
        portal.asked.some(({ result }) => result === 'issued'),
        false,
      );
    });
  }

  void test('mints nothing for a HEAD', async (t) => {
    const portal = await startPortal(t, compatible);
    await portal.ask('/kubecfg?lifetime=24h', { ...ask, method: 'HEAD' });
    assert.deepEqual(portal.asked, []);
  });
});
