// Chromium as the distribution ships it, and pages that remember everything a browser complained about.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { findServer, requireServer } from '../rig/installed.ts';

const CANDIDATES = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome'];
/** What a 401 or a 503 of a form makes Chromium print. */
const STATUS_LINE = /^Failed to load resource: the server responded with a status of \d+/;

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export function chromiumMissing(): string | false {
  return requireServer('Chromium', CANDIDATES);
}

export async function launchBrowser(): Promise<Browser> {
  const executablePath = findServer(CANDIDATES) ?? '';
  // As root, and in most containers, Chromium cannot make the namespaces of its own sandbox.
  return chromium.launch({ executablePath, args: ['--no-sandbox'] });
}

export interface WatchedPage {
  readonly page: Page;
  /** Blocked by the content security policy, thrown by a script, or printed as an error. */
  readonly complaints: readonly string[];
  /** Closes it; fails when there was a complaint. */
  readonly close: () => Promise<void>;
}

/** A page in a context of its own: no cookie, no cache, no permission of another. */
export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: { width: 900, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const complaints: string[] = [];
  page.on('console', (message) => {
    const text = message.text();
    if (message.type() === 'error' && !STATUS_LINE.test(text)) complaints.push(text);
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  return {
    page,
    complaints,
    close: async () => {
      await context.close();
      assert.deepEqual(complaints, []);
    },
  };
}

interface Violation {
  readonly id: string;
  readonly help: string;
  readonly nodes: readonly { readonly html: string }[];
}

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Everything that axe-core finds against WCAG 2.2 AA and its own best practices. */
export async function axeViolations(page: Page): Promise<readonly string[]> {
  await page.evaluate(axeSource);
  const violations: readonly Violation[] = await page.evaluate(
    `axe.run({ runOnly: ${JSON.stringify(TAGS)} }).then((result) => result.violations)`,
  );
  return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(' ')}`);
}
