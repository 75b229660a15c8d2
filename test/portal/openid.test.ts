// The broker as OpenID provider: code, refresh and revocation, as its clients and a cluster without a webhook see them.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { run } from '../cli/setup.ts';
import { newBrowser } from '../support/browser.ts';
import { usersFile } from '../support/users-file.ts';
import { claimsOf } from './oidc-setup.ts';
import {
  answered,
  askedPage,
  authorization,
  CLIENT_ID,
  redeemed,
  refresh,
  signedIn,
  signedInByCorp,
  startOpenidWorld,
} from './openid-setup.ts';

void describe('the OpenID provider', () => {
  void test('is found by its discovery document', async (t) => {
    const world = await startOpenidWorld(t);
    const response = await fetch(`${world.portal}.well-known/openid-configuration`);
    const found: Readonly<Record<string, unknown>> = Object(await response.json());
    const at = (path: string): string => `${world.portal}${path}`;
    const issuer = world.portal.replace(/\/$/, '');
    assert.equal(found['issuer'], issuer);
    assert.deepEqual(
      [
        'authorization_endpoint',
        'token_endpoint',
        'jwks_uri',
        'device_authorization_endpoint',
        'revocation_endpoint',
      ].map((name) => found[name]),
      [at('auth'), at('openid/token'), at('jwks'), at('device/auth'), at('openid/revoke')],
    );
    assert.deepEqual(found['response_types_supported'], ['code']);
    assert.deepEqual(found['code_challenge_methods_supported'], ['S256']);
    assert.deepEqual(found['id_token_signing_alg_values_supported'], ['ES256']);
    assert.deepEqual(found['token_endpoint_auth_methods_supported'], ['none']);
    for (const name of [
      'registration_endpoint',
      'userinfo_endpoint',
      'end_session_endpoint',
      'introspection_endpoint',
    ]) {
      assert.equal(found[name], undefined, name);
    }
  });

  void test('gives an ID token that is an issued token, which anybody can verify by /jwks', async (t) => {
    const world = await startOpenidWorld(t);
    const { status, body } = await signedIn(world);
    assert.equal(status, 200, JSON.stringify(body));
    const issuer = world.portal.replace(/\/$/, '');
    const keys = createRemoteJWKSet(new URL('jwks', world.portal));
    const { payload } = await jwtVerify(body['id_token'] ?? '', keys, {
      issuer,
      audience: CLIENT_ID,
      algorithms: ['ES256'],
    });
    assert.deepEqual(payload.aud, [CLIENT_ID, 'kubernetes']);
    const { azp, sub, groups, uid, endpoint, nonce, jti } = payload;
    assert.deepEqual([azp, sub, groups, uid], [CLIENT_ID, 'staff:walter', ['staff:devs'], '1001']);
    assert.deepEqual([endpoint, nonce, typeof jti], ['/authenticate', 'client-nonce', 'string']);
    const review = await world.broker.review(body['id_token'] ?? '');
    assert.equal(review.user?.username, 'staff:walter');
    assert.equal(typeof body['refresh_token'], 'string');
    const bearer = { Authorization: `Bearer ${body['id_token']}` };
    const revoked = await fetch(`${world.portal}revoke`, { method: 'POST', headers: bearer });
    assert.equal(revoked.status, 204);
    assert.equal((await world.broker.review(body['id_token'] ?? '')).authenticated, false);
  });

  void test('asks the person for every request, and names the client and where its answer goes', async (t) => {
    const world = await startOpenidWorld(t);
    const browser = newBrowser();
    for (const _ of ['first', 'again']) {
      const asked = authorization(world);
      // oxlint-disable-next-line no-await-in-loop -- one browser
      const page = await askedPage(asked, browser);
      assert.equal(page.status, 200);
      assert.match(page.text, /<h1>Sign in for kubectl<\/h1>/);
      assert.match(page.text, /<dt>Goes to<\/dt><dd><bdi>http:\/\/127\.0\.0\.1:49152<\/bdi>/);
      assert.match(String(page.headers['content-security-policy']), /form-action 'self' http:\/\/127\.0\.0\.1:49152;/);
      // oxlint-disable-next-line no-await-in-loop -- one browser
      const back = await browser.submit(page, { username: 'walter', password: 'wonderland' }, 'http://127.0.0.1:49152');
      assert.equal(back.url.searchParams.get('state'), 'client-state');
      assert.equal(back.url.searchParams.get('iss'), world.portal.replace(/\/$/, ''));
    }
  });

  void test('refuses a wrong password, and takes no for an answer', async (t) => {
    const world = await startOpenidWorld(t);
    const browser = newBrowser();
    const page = await askedPage(authorization(world), browser);
    const wrong = await browser.submit(page, { username: 'walter', password: 'wrong' });
    assert.equal(wrong.status, 401);
    assert.match(wrong.text, /The username or the password is not right\./);
    const no = await browser.submit(wrong, { abort: 'yes' }, 'http://127.0.0.1:49152');
    assert.equal(no.url.searchParams.get('error'), 'access_denied');
  });

  void test('a person of another OpenID provider comes back to the client, too', async (t) => {
    const world = await startOpenidWorld(t);
    const browser = newBrowser();
    const asked = authorization(world);
    const page = await askedPage(asked, browser);
    const [, href = ''] = /<a class="button" href="([^"]+)">Sign in with Corp SSO/.exec(page.text) ?? [];
    const login = await browser.open(new URL(href, page.url));
    const back = await browser.submit(
      login,
      { prompt: 'login', login: 'alice', password: 'any' },
      'http://127.0.0.1:49152',
    );
    const { status, body } = await redeemed(world, asked, back.url.searchParams.get('code') ?? '');
    assert.equal(status, 200, JSON.stringify(body));
    assert.equal(claimsOf(body['id_token'])['sub'], 'corp:alice');
    assert.equal(claimsOf(body['id_token'])['nonce'], 'client-nonce');
  });
});

void describe('a refresh', () => {
  void test('reviews the person anew: groups change, and who is gone gets no token', async (t) => {
    const world = await startOpenidWorld(t);
    const first = await signedIn(world);
    const second = await refresh(world, first.body['refresh_token']);
    assert.equal(second.status, 200, JSON.stringify(second.body));
    assert.notEqual(second.body['refresh_token'], first.body['refresh_token']);
    const reload = async (text: string): Promise<void> => {
      world.broker.write('users.yaml', text);
      await world.broker.reloaded(world.broker.logged('configuration reloaded').length + 1);
    };
    await reload(usersFile({ username: 'walter', password: 'wonderland', uid: '1001', groups: ['ops'] }));
    const third = await refresh(world, second.body['refresh_token']);
    assert.deepEqual(claimsOf(third.body['id_token'])['groups'], ['staff:ops']);
    await reload(usersFile({ username: 'somebody', password: 'else' }));
    const gone = await refresh(world, third.body['refresh_token']);
    assert.deepEqual([gone.status, gone.body['error']], [400, 'invalid_grant']);
  });

  void test('asks an OpenID provider by its own refresh token, and spends nothing while it is away', async (t) => {
    const world = await startOpenidWorld(t);
    const first = await signedInByCorp(world);
    world.corp.people.set('alice', { groups: ['ops'] });
    const second = await refresh(world, first.body['refresh_token']);
    assert.deepEqual(claimsOf(second.body['id_token'])['groups'], ['corp:ops']);
    world.corp.answerBy(() => (_, response) => void response.writeHead(500).end());
    const away = await refresh(world, second.body['refresh_token']);
    assert.deepEqual([away.status, away.body['error']], [503, 'temporarily_unavailable']);
    world.corp.answerBy(undefined);
    const third = await refresh(world, second.body['refresh_token']);
    assert.equal(third.status, 200, JSON.stringify(third.body));
    world.corp.people.delete('alice');
    const gone = await refresh(world, third.body['refresh_token']);
    assert.deepEqual([gone.status, gone.body['error']], [400, 'invalid_grant']);
  });

  void test('a spent refresh token ends the whole family', async (t) => {
    const world = await startOpenidWorld(t);
    const first = await signedIn(world);
    const second = await refresh(world, first.body['refresh_token']);
    assert.equal((await refresh(world, first.body['refresh_token'])).body['error'], 'invalid_grant');
    assert.equal((await refresh(world, second.body['refresh_token'])).body['error'], 'invalid_grant');
    assert.equal((await world.broker.review(second.body['id_token'] ?? '')).authenticated, false);
  });

  void test('issuer revoke --user and RFC 7009 end it', async (t) => {
    const world = await startOpenidWorld(t);
    const first = await signedIn(world);
    const file = `${world.broker.folder}/broker.yaml`;
    assert.equal((await run(['issuer', 'revoke', '--config', file, '--user', 'staff:walter'])).code, 0);
    assert.equal((await refresh(world, first.body['refresh_token'])).body['error'], 'invalid_grant');
    const after = await signedIn(world);
    assert.equal(after.status, 200, 'a sign-in afterwards is good at once');
    const token = after.body['refresh_token'] ?? '';
    assert.equal((await world.post('openid/revoke', { client_id: CLIENT_ID, token })).status, 200);
    assert.equal((await refresh(world, token)).body['error'], 'invalid_grant');
  });
});

void describe('a code', () => {
  void test('is good once: the second use ends what the first one gave', async (t) => {
    const world = await startOpenidWorld(t);
    const asked = authorization(world);
    const code = (await answered(asked)).searchParams.get('code') ?? '';
    const first = await redeemed(world, asked, code);
    assert.equal(first.status, 200);
    assert.equal((await redeemed(world, asked, code)).body['error'], 'invalid_grant');
    assert.equal((await refresh(world, first.body['refresh_token'])).body['error'], 'invalid_grant');
    assert.equal((await world.broker.review(first.body['id_token'] ?? '')).authenticated, false);
  });

  void test('of two who redeem it at the same time one at most keeps a token', async (t) => {
    const world = await startOpenidWorld(t);
    const asked = authorization(world);
    const code = (await answered(asked)).searchParams.get('code') ?? '';
    const both = await Promise.all([redeemed(world, asked, code), redeemed(world, asked, code)]);
    assert.ok(both.filter(({ status }) => status === 200).length <= 1);
  });

  const rows: readonly { name: string; change: Readonly<Record<string, string>>; want: RegExp }[] = [
    {
      name: 'PKCE is demanded',
      change: { code_challenge: '', code_challenge_method: '' },
      want: /error=invalid_request/,
    },
    { name: 'and S256 at that', change: { code_challenge_method: 'plain' }, want: /error=invalid_request/ },
    { name: 'nothing but a code is given', change: { response_type: 'id_token' }, want: /error=/ },
    { name: 'nobody is signed in silently', change: { prompt: 'none' }, want: /error=login_required/ },
  ];
  for (const { name, change, want } of rows) {
    void test(name, async (t) => {
      const world = await startOpenidWorld(t);
      const page = await askedPage(authorization(world, change));
      assert.match(page.url.href, want);
    });
  }

  const strangers = [
    { redirect_uri: 'https://evil.example/callback' },
    { redirect_uri: 'http://127.0.0.1:49152/elsewhere' },
    { redirect_uri: 'http://evil.example:49152/callback' },
    { client_id: 'somebody-else' },
  ];
  for (const change of strangers) {
    void test(`nobody is sent to a stranger: ${JSON.stringify(change)}`, async (t) => {
      const world = await startOpenidWorld(t);
      const page = await newBrowser().open(authorization(world, change).url, 'http://127.0.0.1:49152');
      assert.equal(page.status, 400);
      assert.equal(page.headers.location, undefined);
      assert.equal(page.text.includes('evil'), false);
    });
  }

  for (const redirect of ['http://localhost:8000', 'http://localhost:18000/']) {
    void test(`kubelogin comes back to ${redirect}`, async (t) => {
      const world = await startOpenidWorld(t);
      const asked = authorization(world, { redirect_uri: redirect, scope: 'openid' });
      const { searchParams } = await answered(asked);
      const { status, body } = await redeemed(world, asked, searchParams.get('code') ?? '');
      assert.deepEqual([status, body['refresh_token']], [200, undefined]);
    });
  }
});
