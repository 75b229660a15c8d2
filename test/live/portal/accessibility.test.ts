// Every state of the page, light and dark, wide and narrow: no rule of WCAG 2.2 AA is broken, and nothing is cut off.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { inOrder } from '../../support/settled.ts';
import { axeViolations, chromiumMissing, launchBrowser, openPage } from './browser.ts';
import { ALICE, signIn, startPortal } from './portal.ts';

/** A folder for pictures of every state, for people to look at. */
const PICTURES = process.env['KAB_PORTAL_PICTURES'];

const STATES: readonly { name: string; reach: (page: Page) => Promise<void> }[] = [
  { name: 'sign in', reach: async () => undefined },
  { name: 'refused', reach: (page) => signIn(page, { ...ALICE, password: 'wrong' }) },
  { name: 'token', reach: (page) => signIn(page, ALICE) },
];

const LOOKS = [
  { name: 'light', colorScheme: 'light', width: 900 },
  { name: 'dark', colorScheme: 'dark', width: 900 },
  // 320 CSS pixels: a window of 1280 at 400 % zoom (WCAG 2.2, 1.4.10).
  { name: 'light, narrow', colorScheme: 'light', width: 320 },
  { name: 'dark, narrow', colorScheme: 'dark', width: 320 },
] as const;

void describe('the portal is for everybody', { skip: chromiumMissing() }, () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser?.close());

  for (const { name: look, colorScheme, width } of LOOKS) {
    void test(look, async (t) => {
      const { url } = await startPortal(t);
      const { page, close } = await openPage(browser, { colorScheme, viewport: { width, height: 800 } });
      await page.goto(url);
      await inOrder(STATES, async ({ name, reach }) => {
        await reach(page);
        await page.locator('h1').waitFor();
        assert.deepEqual(await axeViolations(page), [], name);
        const overflow: unknown = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
        assert.equal(overflow, 0, `${name}: no scrolling in two dimensions`);
        if (PICTURES !== undefined) {
          await page.screenshot({ path: join(PICTURES, `${look} ${name}.png`), fullPage: true });
        }
      });
      await close();
    });
  }

  void test('without colours of its own', async (t) => {
    const { url } = await startPortal(t);
    const { page, close } = await openPage(browser, { forcedColors: 'active', reducedMotion: 'reduce' });
    await page.goto(url);
    await signIn(page, ALICE);
    assert.deepEqual(await axeViolations(page), []);
    await close();
  });

  void test('with text twice as large', async (t) => {
    const { url } = await startPortal(t);
    const { page, close } = await openPage(browser);
    await page.goto(url);
    await signIn(page, ALICE);
    await page.evaluate("document.documentElement.style.fontSize = '200%'");
    assert.equal(await page.evaluate('document.documentElement.scrollWidth - innerWidth'), 0);
    await close();
  });
});
