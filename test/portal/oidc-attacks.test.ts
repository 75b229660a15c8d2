// Every way in which somebody else could make use of a sign-in at an OpenID provider.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { newBrowser } from '../support/browser.ts';
import { inOrder } from '../support/settled.ts';
import { assertTurnedAway, signedInAt, startSignInWorld } from './oidc-setup.ts';

void describe('somebody else cannot make use of a sign-in', () => {
  void test('login CSRF: a way back that another browser has earned is worth nothing here', async (t) => {
    const world = await startSignInWorld(t);
    const stolen = (await signedInAt(world, newBrowser(), { name: 'mallory' })).url;
    assertTurnedAway(await newBrowser().open(stolen), 400, /This sign-in was not begun here, or too long ago\./);
    const victim = newBrowser();
    await victim.open(`${world.portal}sign-in/corp-sso`, world.corp.issuer);
    assertTurnedAway(await victim.open(stolen), 400, /This sign-in was not begun here/);
    const reasons = world.broker.logged('token request invalid').map(({ reason }) => reason);
    assert.deepEqual(reasons, ['no-attempt', 'other-attempt']);
    assert.equal(world.corp.seen.filter(({ url }) => url === '/token').length, 0, 'and no code is spent');
  });

  void test('replay: a way back is good once, even with its cookie', async (t) => {
    const world = await startSignInWorld(t);
    const browser = newBrowser();
    const { url } = await signedInAt(world, browser);
    const cookies = new Map(browser.cookies);
    assert.equal((await browser.open(url)).status, 200);
    assertTurnedAway(await browser.open(url), 400, /This sign-in was not begun here/);
    assertTurnedAway(await newBrowser(cookies).open(url), 403, /Corp SSO did not sign you in\./);
  });

  void test('mix-up: what one provider says does not count for another', async (t) => {
    const world = await startSignInWorld(t);
    const browser = newBrowser();
    const back = await signedInAt(world, browser, { slug: 'partner', name: 'mallory' });
    const code = back.url.searchParams.get('code') ?? '';
    const elsewhere = new URL(`${world.portal}callback/corp-sso${back.url.search}`);
    assertTurnedAway(
      await newBrowser(new Map(browser.cookies)).open(elsewhere),
      400,
      /This sign-in was not begun here/,
    );
    const { url } = await browser.open(`${world.portal}sign-in/corp-sso`, world.corp.issuer);
    const query = { code, state: url.searchParams.get('state') ?? '', iss: world.partner.issuer };
    assertTurnedAway(
      await browser.open(`${world.portal}callback/corp-sso?${new URLSearchParams(query).toString()}`),
      403,
      /Corp SSO did not sign you in\./,
    );
    const later = await browser.open(`${world.portal}sign-in/corp-sso`, world.corp.issuer);
    const silent = { code, state: later.url.searchParams.get('state') ?? '' };
    const page = await browser.open(`${world.portal}callback/corp-sso?${new URLSearchParams(silent).toString()}`);
    assertTurnedAway(page, 403, /Corp SSO did not sign you in\./);
    assert.deepEqual(
      world.corp.seen.filter(({ url: asked }) => asked === '/token'),
      [],
      'no code of another provider is sent to this one',
    );
  });

  void test('an injected code: worth nothing without the verifier of the browser that asked for it', async (t) => {
    const world = await startSignInWorld(t);
    const theirs = await signedInAt(world, newBrowser(), { name: 'mallory' });
    const browser = newBrowser();
    const mine = await signedInAt(world, browser);
    const injected = new URL(mine.url);
    injected.searchParams.set('code', theirs.url.searchParams.get('code') ?? '');
    assertTurnedAway(await browser.open(injected), 403, /Corp SSO did not sign you in\./);
  });

  void test('open redirect: nothing of a request decides where a browser is sent', async (t) => {
    const world = await startSignInWorld(t);
    const names = ['redirect_uri', 'return_to', 'next', 'url', 'issuer', 'iss', 'state', 'client_id'];
    const evil = Object.fromEntries(names.map((name) => [name, 'https://evil.example/']));
    const query = new URLSearchParams(evil).toString();
    const begun = await newBrowser().open(`${world.portal}sign-in/corp-sso?${query}`, 'http');
    assert.equal(begun.url.origin, world.corp.issuer);
    assert.equal(begun.url.href.includes('evil.example'), false);
    const back = await newBrowser().open(`${world.portal}callback/corp-sso?${query}`);
    assert.equal(back.status, 400);
    assert.equal(back.headers.location, undefined);
    assert.equal(back.text.includes('evil.example'), false);
    const other = await world.broker.get('/livez');
    assert.equal(other.status, 200);
  });

  void test('a forged, changed or expired cookie is none', async (t) => {
    const world = await startSignInWorld(t);
    const browser = newBrowser();
    const { url } = await signedInAt(world, browser);
    const key = 'localhost kube-auth-broker';
    const sealed = browser.cookies.get(key) ?? '';
    const forged = [sealed.slice(0, -2), `A${sealed.slice(1)}`, Buffer.from('{"state":"x"}').toString('base64url'), ''];
    await inOrder(forged, async (text) => {
      assertTurnedAway(await newBrowser(new Map([[key, text]])).open(url), 400, /This sign-in was not begun here/);
    });
    assertTurnedAway(
      await newBrowser(new Map([[key, `${sealed}; kube-auth-broker=${sealed}`]])).open(url),
      400,
      /This sign-in was not begun here/,
    );
  });

  void test('the way back is GET and nothing else, and neither end is fetched ahead', async (t) => {
    const world = await startSignInWorld(t);
    const ask = async (path: string, method: string, headers: Readonly<Record<string, string>> = {}) => {
      const response = await fetch(`${world.portal}${path}`, { method, headers, redirect: 'manual' });
      return [response.status, response.headers.get('allow')];
    };
    assert.deepEqual(await ask('callback/corp-sso', 'HEAD'), [405, 'GET']);
    assert.deepEqual(await ask('callback/corp-sso', 'POST'), [405, 'GET']);
    assert.deepEqual(await ask('callback/corp-sso', 'GET', { 'Sec-Purpose': 'prefetch' }), [403, null]);
    assert.deepEqual(await ask('sign-in/corp-sso', 'GET', { 'Sec-Purpose': 'prefetch' }), [403, null]);
    assert.deepEqual(await ask('sign-in/corp-sso', 'GET', { 'Sec-Fetch-Site': 'cross-site' }), [403, null]);
    assert.deepEqual(await ask('sign-in/unknown', 'GET'), [404, null]);
  });
});
