// In a browser: from the button through the page of a real OpenID provider to a token, with and without script.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { startSignInWorld } from '../../portal/oidc-setup.ts';
import { inOrder } from '../../support/settled.ts';
import { axeViolations, chromiumMissing, launchBrowser, openPage } from './browser.ts';
import { tokenOn } from './portal.ts';

/** A folder for pictures of every state, for people to look at. */
const PICTURES = process.env['KAB_PORTAL_PICTURES'];

void describe('a sign-in with the company account', { skip: chromiumMissing() }, () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser?.close());

  for (const javaScriptEnabled of [true, false]) {
    void test(javaScriptEnabled ? 'with script' : 'without script', async (t) => {
      const { portal, broker } = await startSignInWorld(t);
      const { page, close } = await openPage(browser, { javaScriptEnabled });
      // The provider's own page asks for a font of another site.
      await page.route(/^https:/, (route) => route.fulfill({ status: 200, body: '' }));
      await page.goto(portal);
      await page.getByText('The token is good for 8 hours').click();
      await page.getByRole('link', { name: '1 hour' }).click();
      await page.getByRole('link', { name: 'Sign in with Corp SSO' }).click();
      await page.locator('input[name=login]').fill('alice');
      await page.locator('input[name=password]').fill('any');
      await page.locator('button[type=submit]').click();
      await page.getByRole('heading', { name: 'You are signed in' }).waitFor();
      assert.equal((await broker.review(await tokenOn(page))).user?.username, 'corp:alice');
      await page.getByRole('link', { name: 'Get another token' }).click();
      assert.equal(page.url(), portal);
      await close();
    });
  }

  for (const [colorScheme, width] of [
    ['light', 900],
    ['dark', 320],
  ] as const) {
    void test(`is for everybody: ${colorScheme}, ${width} wide`, async (t) => {
      const { portal } = await startSignInWorld(t);
      const { page, close } = await openPage(browser, { colorScheme, viewport: { width, height: 800 } });
      await inOrder([portal, `${portal}callback/corp-sso`], async (address) => {
        await page.goto(address);
        await page.locator('summary').first().click();
        assert.deepEqual(await axeViolations(page), [], address);
        assert.equal(await page.evaluate('document.documentElement.scrollWidth - innerWidth'), 0, address);
        const name = `oidc ${colorScheme} ${address === portal ? 'page' : 'back'}.png`;
        if (PICTURES !== undefined) await page.screenshot({ path: join(PICTURES, name), fullPage: true });
      });
      await close();
    });
  }
});
