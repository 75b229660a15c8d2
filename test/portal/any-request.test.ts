// Whatever is sent to the portal, one of the documented answers comes back, nothing breaks, and nobody is let in.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { rejected } from '../../src/core/verdict.ts';
import { HEADER, startPortal } from './setup.ts';

const DOCUMENTED: ReadonlySet<number> = new Set([200, 400, 401, 403, 404, 405, 413, 415, 501]);
const PATHS = [
  '/',
  '/token',
  '/generate',
  '/kubeconfig',
  '/kubecfg',
  '/whoami',
  '/revoke',
  '/favicon.ico',
  '/%00',
  '/%ff',
];

const headerText = fc
  .string({ unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)) })
  .map((text) => text.replaceAll('\u007f', ''));
const shape = fc.oneof(
  fc.json(),
  fc.string(),
  fc.record({ username: fc.anything(), password: fc.anything(), lifetime: fc.anything() }).map((body) => {
    try {
      return JSON.stringify(body) ?? '';
    } catch {
      return '';
    }
  }),
  fc.webQueryParameters(),
);

const request = fc.record({
  path: fc.oneof(
    fc.constantFrom(...PATHS),
    fc.webPath().map((path) => `/${path.replace(/^\/+/, '')}`),
  ),
  query: fc.oneof(
    fc.constant(''),
    fc.webQueryParameters().map((query) => `?${query}`),
  ),
  method: fc.constantFrom('GET', 'POST', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'),
  headers: fc.dictionary(
    fc.constantFrom(
      'Authorization',
      'Content-Type',
      'Content-Encoding',
      'Origin',
      'Sec-Fetch-Site',
      'User-Agent',
      'Cookie',
      'X-Forwarded-Groups',
    ),
    fc.oneof(
      headerText,
      fc.constantFrom(
        'application/json',
        'application/x-www-form-urlencoded',
        'same-origin',
        'Basic YTpi',
        'Bearer a.b.c',
      ),
    ),
  ),
  body: shape,
});

void test('any request has a documented answer', async (t) => {
  const portal = await startPortal(t, {
    check: () => rejected('wrong-password'),
    settings: { header: HEADER },
    issuer: { kubehookCompatible: true },
  });
  await fc.assert(
    fc.asyncProperty(request, async ({ path, query, method, headers, body }) => {
      const answer = await portal.ask(path + query, { method, headers, body });
      assert.ok(DOCUMENTED.has(answer.status), `${method} ${path}: ${answer.status}`);
      assert.equal(answer.headers['cache-control'], 'no-store');
    }),
    { numRuns: 500 },
  );
  assert.deepEqual([portal.bugs, portal.asked.filter(({ result }) => result === 'issued')], [[], []]);
});
