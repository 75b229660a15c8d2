// Signing in at a real OpenID provider: who gets a token, who is refused, and when nobody can tell.

import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { describe, test } from 'node:test';
import { newBrowser } from '../support/browser.ts';
import { inOrder } from '../support/settled.ts';
import { assertTurnedAway, claimsOf, REVIEW, signedInAt, startSignInWorld, tokenOn } from './oidc-setup.ts';

void describe('a sign-in at an OpenID provider', () => {
  void test('gives the token of whom the chain of the endpoint lets in', async (t) => {
    const world = await startSignInWorld(t);
    const browser = newBrowser();
    const page = await browser.open(world.portal);
    const links = [...page.text.matchAll(/<a class="button" href="(\.\/sign-in\/[^"]+)">([^<]+)</g)];
    assert.deepEqual(
      links.map(([, href, label]) => [href, label]),
      [
        ['./sign-in/corp-sso?lifetime=8h', 'Sign in with Corp SSO'],
        ['./sign-in/partner?lifetime=8h', 'Sign in with Partner'],
      ],
    );
    const shown = await browser.open((await signedInAt(world, browser)).url);
    assert.equal(shown.status, 200, shown.text);
    const { sub, groups, endpoint, exp, iat } = claimsOf(tokenOn(shown));
    assert.deepEqual([sub, groups, endpoint], ['corp:alice', ['corp:devs', 'corp:ops'], '/authenticate']);
    assert.equal(Number(exp) - Number(iat), 8 * 3600);
    assert.equal((await world.broker.review(tokenOn(shown) ?? '')).user?.username, 'corp:alice');
    const [line] = world.broker.logged('token issued');
    assert.deepEqual([line?.['method'], line?.['provider'], line?.['username']], ['oidc', 'corp', 'corp:alice']);
    const moved = await world.broker.moved();
    assert.equal(moved['tokens_issued_total{method="oidc",result="issued"}'], 1);
  });

  void test('asks for the lifetime that the page was told, and for no other', async (t) => {
    const world = await startSignInWorld(t);
    const browser = newBrowser();
    const page = await browser.open(`${world.portal}?lifetime=1h`);
    assert.match(page.text, /href="\.\/sign-in\/corp-sso\?lifetime=1h"/);
    assert.match(page.text, /<summary>The token is good for 1 hour<\/summary>/);
    const login = await browser.open(`${world.portal}sign-in/corp-sso?lifetime=1h`);
    const shown = await browser.submit(login, { prompt: 'login', login: 'alice', password: 'any' });
    const { exp, iat } = claimsOf(tokenOn(shown));
    assert.equal(Number(exp) - Number(iat), 3600);
    const over = await newBrowser().open(`${world.portal}sign-in/corp-sso?lifetime=25h`);
    assert.equal(over.status, 400);
    assert.match(over.text, /The lifetime must be at most 24h\./);
    assert.equal(over.headers.location, undefined);
  });

  void test('a group of the reserved names is dropped, as for every token of that provider', async (t) => {
    const world = await startSignInWorld(t, {
      config: (config) => ({
        ...config,
        providers: config.providers.map((provider) => ({
          ...provider,
          ...('claimMappings' in provider && {
            claimMappings: { username: { claim: 'sub', prefix: 'corp:' }, groups: { claim: 'groups', prefix: '' } },
          }),
        })),
      }),
    });
    const browser = newBrowser();
    const shown = await browser.open((await signedInAt(world, browser, { name: 'mallory' })).url);
    assert.deepEqual(claimsOf(tokenOn(shown))['groups'], []);
  });

  void test('sends code, state, nonce and PKCE, each of its own, and keeps them sealed in a cookie', async (t) => {
    const world = await startSignInWorld(t);
    const begin = () => newBrowser().open(`${world.portal}sign-in/corp-sso`, world.corp.issuer);
    const [first, second] = [await begin(), await begin()];
    const { searchParams: asked } = first.url;
    assert.equal(first.status, 303);
    assert.equal(first.url.origin, world.corp.issuer);
    assert.equal(asked.get('response_type'), 'code');
    assert.equal(asked.get('redirect_uri'), `${world.portal}callback/corp-sso`);
    assert.equal(asked.get('scope'), 'openid groups');
    assert.equal(asked.get('code_challenge_method'), 'S256');
    for (const name of ['state', 'nonce', 'code_challenge']) {
      assert.match(asked.get(name) ?? '', /^[\w-]{43}$/, name);
      assert.notEqual(asked.get(name), second.url.searchParams.get(name), name);
    }
    const [cookie = ''] = first.headers['set-cookie'] ?? [];
    assert.match(cookie, /^kube-auth-broker=[\w-]+; Max-Age=600; Path=\/; HttpOnly; SameSite=Lax$/);
    const sealed = Buffer.from(cookie.slice(cookie.indexOf('=') + 1, cookie.indexOf(';')), 'base64url').toString(
      'latin1',
    );
    assert.equal(sealed.includes(asked.get('state') ?? '-'), false);
  });
});

const answer =
  (status: number, body = 'a page') =>
  (_: unknown, response: ServerResponse) =>
    void response
      .writeHead(status, { 'Content-Type': 'application/json', Location: 'https://elsewhere.example' })
      .end(body);

void describe('who is not let in', () => {
  void test('is told by whom, with the review id, and gets no token', async (t) => {
    const world = await startSignInWorld(t, {
      config: (config) => ({
        ...config,
        providers: config.providers.map((provider) => ({
          ...provider,
          ...('claimMappings' in provider && {
            userValidationRules: [{ expression: "user.username != 'corp:mallory'", message: 'not welcome' }],
          }),
        })),
      }),
    });
    const rule = newBrowser();
    const ruled = await rule.open((await signedInAt(world, rule, { name: 'mallory' })).url);
    assertTurnedAway(ruled, 403, /Corp SSO knows you, but you may not use Kubernetes here\./);
    assert.equal(ruled.text.includes('not welcome'), false);

    const unwilling = newBrowser();
    const login = await unwilling.open(`${world.portal}sign-in/corp-sso`);
    const said = await unwilling.open(`${login.url.href}/abort`);
    assertTurnedAway(said, 403, /Corp SSO did not sign you in\./);
    const [, line] = world.broker.logged('token refused');
    assert.deepEqual([line?.['reason'], line?.['detail']], ['sign-in-refused', 'access_denied']);
  });

  void test('is no one while the provider cannot be asked', async (t) => {
    const world = await startSignInWorld(t);
    const rows: readonly (readonly [string, number, string | undefined, string])[] = [
      ['/token', 500, undefined, 'upstream-error'],
      ['/token', 429, undefined, 'rate-limited'],
      ['/token', 302, undefined, 'redirected'],
      ['/token', 401, '{"error":"invalid_client"}', 'client-refused'],
      ['/token', 400, '{"error":"temporarily_unavailable"}', 'upstream-error'],
      ['/token', 200, '{"access_token":"a","token_type":"bearer"}', 'malformed-answer'],
      ['/jwks', 503, undefined, 'upstream-error'],
    ];
    await inOrder(rows, async ([path, status, body]) => {
      const browser = newBrowser();
      const back = await signedInAt(world, browser);
      world.corp.answerBy(({ url = '' }) => (url.startsWith(path) ? answer(status, body) : undefined));
      const page = await browser.open(back.url);
      world.corp.answerBy(undefined);
      assertTurnedAway(page, 503, /Your sign-in at Corp SSO could not be checked right now\./);
    });
    const reasons = world.broker.logged('token unavailable').map(({ reason }) => reason);
    assert.deepEqual(
      reasons,
      rows.map(([, , , reason]) => reason),
    );
    const shown = newBrowser();
    assert.equal((await shown.open((await signedInAt(world, shown)).url)).status, 200, 'and then it is asked again');
    await world.partner.close();
    const away = await newBrowser().open(`${world.portal}sign-in/partner`);
    assert.equal(away.status, 503);
    assert.match(away.text, /Partner cannot be reached right now\./);
    assert.match(away.text, REVIEW);
  });

  void test('nothing of an error that a provider or a stranger writes is repeated', async (t) => {
    const world = await startSignInWorld(t);
    const browser = newBrowser();
    const { url } = await browser.open(`${world.portal}sign-in/corp-sso`, world.corp.issuer);
    const query = {
      state: url.searchParams.get('state') ?? '',
      error: 'canary-7c1',
      error_description: '<b>canary-7c1',
    };
    const page = await browser.open(`${world.portal}callback/corp-sso?${new URLSearchParams(query).toString()}`);
    assertTurnedAway(page, 403, /Corp SSO did not sign you in\./);
    assert.equal(page.text.includes('canary-7c1'), false);
    assert.equal(world.broker.process.stdout().includes('canary-7c1'), false);
  });
});
