// Signing in with a real browser: with script and without, by mouse and by keyboard, on good days and on bad.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { parse } from 'yaml';
import { listenOn } from '../../support/listening.ts';
import { chromiumMissing, launchBrowser, openPage } from './browser.ts';
import { ALICE, signIn, startPortal, tokenOn, WANDA } from './portal.ts';

const CLIPBOARD = ['clipboard-read', 'clipboard-write'];

void describe('the portal in Chromium', { skip: chromiumMissing() }, () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser?.close());

  void test('gives a token that kube-apiserver takes, and copies it', async (t) => {
    const { broker, url } = await startPortal(t);
    const { page, close } = await openPage(browser, { permissions: CLIPBOARD });
    await page.goto(url);
    await page.getByLabel('The token is good for').selectOption('4h');
    await signIn(page, ALICE);
    await page.getByRole('heading', { name: 'You are signed in' }).waitFor();
    const token = await tokenOn(page);
    assert.equal((await broker.review(token)).user?.username, 'staff:alice');
    assert.equal(await page.locator('dd bdi').first().textContent(), 'staff:alice');
    await page.getByRole('button', { name: 'Copy token' }).click();
    await page.getByText('Copied.', { exact: true }).waitFor({ state: 'attached' });
    assert.equal(await page.evaluate('navigator.clipboard.readText()'), token);
    await page.getByRole('button', { name: 'Copy first command for Linux' }).click();
    assert.match(String(await page.evaluate('navigator.clipboard.readText()')), /^kubectl config set-credentials /);
    const until = Date.parse((await page.locator('time').first().getAttribute('datetime')) ?? '');
    assert.ok(Math.abs(until - Date.now() - 4 * 3_600_000) < 60_000);
    assert.match(
      (await page.locator('time').first().textContent()) ?? '',
      /\d (?:[AP]M )?[A-Z]{3,4}(?:[+-]\d+)?$/,
      'with its zone',
    );
    await close();
  });

  void test('shows a token once: going back and forth, or to the page again, shows none', async (t) => {
    const { url } = await startPortal(t);
    const { page, close } = await openPage(browser);
    await page.goto(url);
    await signIn(page, ALICE);
    await page.locator('#token').waitFor();
    await page.getByRole('link', { name: 'Get another token' }).click();
    await page.getByLabel('Password').waitFor();
    assert.equal(await page.locator('#token').count(), 0);
    assert.equal(await page.getByLabel('Password').inputValue(), '');
    await close();
  });

  void test('does everything without script', async (t) => {
    const { broker, url } = await startPortal(t);
    const { page, close } = await openPage(browser, { javaScriptEnabled: false });
    await page.goto(url);
    await signIn(page, ALICE);
    assert.equal((await broker.review(await tokenOn(page))).user?.username, 'staff:alice');
    assert.equal(await page.getByRole('button').count(), 0, 'a button that could do nothing is not there');
    assert.equal(await page.locator('#windows-1').isVisible(), false);
    await page.getByText('Windows', { exact: true }).click();
    assert.equal(await page.locator('#windows-1').isVisible(), true);
    assert.equal(await page.locator('#linux-1').isVisible(), false, 'one system at a time');
    await close();
  });

  void test('downloads the kubeconfig', async (t) => {
    const { url } = await startPortal(t);
    const { page, close } = await openPage(browser);
    await page.goto(url);
    const started = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download kubeconfig' }).click();
    const download = await started;
    assert.equal(download.suggestedFilename(), 'kubeconfig.yaml');
    const config = parse(readFileSync(await download.path(), 'utf8'));
    assert.equal(config.users[0].user.exec.command, 'kube-auth-broker');
    await close();
  });

  void test('says what went wrong, keeps the name, and waits for another password', async (t) => {
    const { broker, url } = await startPortal(t);
    const { page, close } = await openPage(browser);
    await page.goto(url);
    await signIn(page, { ...ALICE, password: 'looking-glass' });
    const alert = page.getByRole('alert');
    assert.match((await alert.textContent()) ?? '', /The username or the password is not right\./);
    const id = await alert.locator('code').textContent();
    assert.equal(broker.logged('token refused')[0]?.['id'], id, 'the administrator finds it by the review id');
    assert.equal(await page.getByLabel('Username').inputValue(), ALICE.username);
    assert.equal(await page.evaluate('document.activeElement.id'), 'password');
    assert.equal(await page.getByLabel('Password').getAttribute('aria-invalid'), 'true');
    await page.keyboard.type(ALICE.password);
    await page.keyboard.press('Enter');
    await page.locator('#token').waitFor();
    await close();
  });

  void test('says that nobody could tell while the upstream is down, and lets in once it is back', async (t) => {
    const { upstream, url } = await startPortal(t);
    await upstream.breakWith('refuses connections');
    const { page, close } = await openPage(browser);
    await page.goto(url);
    await signIn(page, WANDA);
    assert.match((await page.getByRole('alert').textContent()) ?? '', /could not be checked right now/);
    await upstream.breakWith(undefined);
    await page.getByLabel('Password').fill(WANDA.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    assert.equal(await page.locator('dd bdi').first().textContent(), 'web:wanda');
    await close();
  });

  void test('needs no mouse', async (t) => {
    const { url } = await startPortal(t);
    const { page, close } = await openPage(browser, { permissions: CLIPBOARD });
    const focused = (): Promise<string> => page.evaluate('document.activeElement.textContent.trim()');
    const tabTo = async (text: string, left = 20): Promise<void> => {
      assert.notEqual(left, 0, `Tab does not lead to ${text}`);
      await page.keyboard.press('Tab');
      const outline: unknown = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle');
      assert.notEqual(outline, 'none', 'what has the focus is seen to have it');
      if ((await focused()) !== text) await tabTo(text, left - 1);
    };
    await page.goto(url);
    await page.keyboard.type(ALICE.username);
    await page.keyboard.press('Tab');
    await page.keyboard.type(ALICE.password);
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowUp');
    await tabTo('Sign in');
    await page.keyboard.press('Enter');
    await page.locator('#token').waitFor();
    await tabTo('Copy token');
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate('navigator.clipboard.readText()'), await tokenOn(page));
    await tabTo('Windows');
    await page.keyboard.press('Enter');
    assert.equal(await page.locator('#windows-2').isVisible(), true);
    await tabTo('Get another token');
    await page.keyboard.press('Enter');
    await page.getByLabel('Username').waitFor();
    await close();
  });

  void test('knows the user of a proxy', async (t) => {
    const { url } = await startPortal(t, { trustedAddresses: ['127.0.0.1/32'] });
    const extraHTTPHeaders = { 'X-Forwarded-User': 'cooluser', 'X-Forwarded-Groups': 'devs;ops' };
    const { page, close } = await openPage(browser, { extraHTTPHeaders });
    await page.goto(url);
    assert.equal(await page.getByLabel('Password').count(), 0);
    await page.getByRole('button', { name: 'Get a token' }).click();
    assert.equal(await page.locator('dd bdi').first().textContent(), 'cooluser');
    await close();
  });

  void test('cannot be framed or posted to by another site', async (t) => {
    const { broker, url } = await startPortal(t, { trustedAddresses: ['127.0.0.1/32'] });
    const form = `<form method="post" action="${url}"><input name="lifetime" value="1h"></form>`;
    const html = `<!doctype html><iframe src="${url}"></iframe>${form}`;
    const server = createServer((_request, response) => response.setHeader('Content-Type', 'text/html').end(html));
    const evil = await listenOn(server);
    t.after(() => evil.close());
    const extraHTTPHeaders = { 'X-Forwarded-User': 'cooluser' };
    const { page, complaints } = await openPage(browser, { extraHTTPHeaders });
    await page.goto(`http://localhost:${evil.port}/`);
    assert.match(complaints.join('\n'), /frame-ancestors 'none'/);
    const [answer] = await Promise.all([page.waitForNavigation(), page.evaluate('document.forms[0].submit()')]);
    assert.equal(answer?.status(), 403);
    assert.deepEqual(broker.logged('token issued'), []);
    await page.context().close();
  });
});
