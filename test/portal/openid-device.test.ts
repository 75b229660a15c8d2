// The device flow: a terminal shows a code, a person confirms it elsewhere, and nobody is fished.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Browser, newBrowser, type Page } from '../support/browser.ts';
import { inOrder } from '../support/settled.ts';
import { claimsOf } from './oidc-setup.ts';
import { CLIENT_ID, type OpenidAnswer, type OpenidWorld, startOpenidWorld } from './openid-setup.ts';

const GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
const TERMINAL = 'kube-auth-broker/1.0 (laptop-of-walter)';

async function begin(world: OpenidWorld): Promise<Readonly<Record<string, string>>> {
  const response = await fetch(`${world.portal}device/auth`, {
    method: 'POST',
    headers: { 'User-Agent': TERMINAL },
    body: new URLSearchParams({ client_id: CLIENT_ID, scope: 'openid offline_access' }),
  });
  assert.equal(response.status, 200);
  return Object(await response.json());
}

const poll = (world: OpenidWorld, code: string | undefined): Promise<OpenidAnswer> =>
  world.post('openid/token', { grant_type: GRANT, client_id: CLIENT_ID, device_code: code ?? '' });

/** The page that asks whether this is the person's computer. */
async function confirming(world: OpenidWorld, code: string, browser: Browser): Promise<Page> {
  return browser.submit(await browser.open(`${world.portal}device`), { user_code: code });
}

void describe('a device code', () => {
  void test('gives a token to the terminal once a person has confirmed it and signed in', async (t) => {
    const world = await startOpenidWorld(t);
    const begun = await begin(world);
    assert.match(begun['user_code'] ?? '', /^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
    assert.equal(begun['verification_uri'], `${world.portal}device`);
    assert.ok(Number(begun['expires_in']) <= 900);
    assert.equal((await poll(world, begun['device_code'])).body['error'], 'authorization_pending');
    assert.equal((await poll(world, begun['device_code'])).body['error'], 'slow_down');
    const browser = newBrowser();
    const page = await confirming(world, begun['user_code']?.toLowerCase() ?? '', browser);
    assert.match(page.text, /<h1>Is this your computer\?<\/h1>/);
    assert.match(page.text, /<bdi>kube-auth-broker\/1\.0 \(laptop-of-walter\)<\/bdi>/);
    assert.match(page.text, /<dt>Address<\/dt><dd><bdi>127\.0\.0\.1<\/bdi>/);
    assert.ok(page.text.includes(`<code>${begun['user_code']}</code>`));
    const asked = await browser.submit(page, { confirm: 'yes' });
    assert.match(asked.text, /<h1>Sign in for kubectl<\/h1>/);
    const done = await browser.submit(asked, { username: 'walter', password: 'wonderland' });
    assert.match(done.text, /Go back to your terminal\. You may close this window\./);
    const { status, body } = await poll(world, begun['device_code']);
    assert.equal(status, 200, JSON.stringify(body));
    assert.equal(claimsOf(body['id_token'])['sub'], 'staff:walter');
    assert.equal(typeof body['refresh_token'], 'string');
    assert.equal((await poll(world, begun['device_code'])).body['error'], 'invalid_grant', 'once');
  });

  void test('a link with the code shows it, and does nothing by itself', async (t) => {
    const world = await startOpenidWorld(t);
    const begun = await begin(world);
    const page = await newBrowser().open(begun['verification_uri_complete'] ?? '');
    assert.match(page.text, /<h1>Enter the code<\/h1>/);
    assert.ok(page.text.includes(`value="${begun['user_code']}"`));
    assert.match(String(page.headers['content-security-policy']), /default-src 'none'/);
  });

  void test('a person who says no ends it', async (t) => {
    const world = await startOpenidWorld(t);
    const begun = await begin(world);
    const browser = newBrowser();
    const page = await confirming(world, begun['user_code'] ?? '', browser);
    assert.match((await browser.submit(page, { abort: 'yes' })).text, /You said no\. Nobody was signed in\./);
    assert.equal((await poll(world, begun['device_code'])).body['error'], 'access_denied');
  });

  void test('is not guessed: an address that tries many codes is told to wait', async (t) => {
    const world = await startOpenidWorld(t);
    const browser = newBrowser();
    const letters = 'BCDFGHJKLMNPQRSTVWXZBCDFGHJKLM'.split('');
    const tried = await inOrder(letters, (letter) =>
      confirming(world, `${letter.repeat(4)}-${letter.repeat(4)}`, browser),
    );
    const statuses = tried.map(({ status }) => status);
    assert.ok(
      statuses.slice(0, 10).every((status) => status === 200),
      String(statuses),
    );
    assert.equal(statuses.at(-1), 429);
    assert.match(tried[0]?.text ?? '', /This code is not right, or no longer good\./);
  });

  void test('another browser cannot answer for the one that confirmed', async (t) => {
    const world = await startOpenidWorld(t);
    const begun = await begin(world);
    const browser = newBrowser();
    const asked = await browser.submit(await confirming(world, begun['user_code'] ?? '', browser), { confirm: 'yes' });
    const stranger = await newBrowser().submit(asked, { username: 'walter', password: 'wonderland' });
    assert.equal(stranger.status, 400);
    assert.match(stranger.text, /This sign-in is over/);
  });
});
