// Whatever arrives as a body: one of the documented answers, no bug, and the token in none of them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { unavailable } from '../../src/core/verdict.ts';
import { HTTP_VERSIONS } from '../support/http2-client.ts';
import { spellingsIn } from '../support/sinks.ts';
import { API, BODY_BYTES, post, reviewBody, startWebhook } from './setup.ts';

const DOCUMENTED: ReadonlySet<number> = new Set([200, 400, 413]);

const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => new Uint8Array(array));
const asBytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

const value = fc.oneof(
  fc.jsonValue(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('TokenReview', `${API}/v1`, null),
);
const review = fc
  .record({ spec: fc.record({ token: value, audiences: value }), status: value })
  .map((object) => ({ kind: 'TokenReview', apiVersion: `${API}/v1`, ...object }));
const halfRight = fc
  .record({ token: value, audiences: fc.oneof(value, fc.array(fc.string())) })
  .map((spec) => reviewBody(spec));

/** A TokenReview with one of its bytes changed, put in, taken out, or everything after it cut off. */
const mutated = fc
  .record({
    at: fc.nat(120),
    byte: fc.nat(255),
    how: fc.constantFrom('change', 'insert', 'remove', 'cut'),
    token: fc.string({ maxLength: 20 }),
  })
  .map(({ at, byte, how, token }) => {
    const whole = [...asBytes(reviewBody({ token, audiences: ['a'] }))];
    if (how === 'change') whole[at % whole.length] = byte;
    else if (how === 'insert') whole.splice(at, 0, byte);
    else whole.splice(at, how === 'cut' ? whole.length : 1);
    return Uint8Array.from(whole);
  });

const body = fc.oneof(
  bytes,
  mutated,
  review.map((object) => asBytes(JSON.stringify(object))),
  halfRight.map(asBytes),
  fc.nat(2 * BODY_BYTES).map((length) => new Uint8Array(length).fill(0x20)),
);

for (const over of HTTP_VERSIONS) {
  void test(`any body has a documented answer, and a 200 is a TokenReview, over ${over}`, async (t) => {
    const webhook = await startWebhook(t, { over });
    await fc.assert(
      fc.asyncProperty(body, async (given) => {
        const response = await post(webhook, given);
        const text = await response.text();
        assert.ok(DOCUMENTED.has(response.status), String(response.status));
        if (response.status !== 200) return assert.match(text, /^[A-Z.a-z][^\n]*\n$/);
        const answer: unknown = JSON.parse(text);
        assert.ok(typeof answer === 'object' && answer !== null && 'kind' in answer && 'apiVersion' in answer);
        assert.equal(answer.kind, 'TokenReview');
      }),
      { numRuns: 150 },
    );
    assert.deepEqual(webhook.bugs, []);
  });
}

void test('no answer reflects what was sent, in any spelling', async (t) => {
  const canary = 'canary-7281-canary';
  const outage = await startWebhook(t, { answer: unavailable('timeout') });
  const refusing = await startWebhook(t);
  const tokens = [
    canary,
    `alice:${canary}`,
    `${canary}:x`,
    `:${canary}`,
    `a\n${canary}:x`,
    Buffer.from(`a:${canary}`).toString('base64'),
  ];
  const bodies = [
    ...tokens.flatMap((token) => [
      reviewBody({ token }),
      reviewBody({ token }, canary),
      reviewBody({ token, audiences: [canary] }),
    ]),
    ...tokens.map((token) =>
      JSON.stringify({ kind: 'TokenReview', apiVersion: `${API}/v1`, status: { user: token }, [token]: token }),
    ),
    `{"kind":"${canary}"`,
    canary,
  ];
  const answers = await Promise.all(
    bodies.flatMap((given) => [outage, refusing].map(async (webhook) => post(webhook, given))),
  );
  const texts = await Promise.all(
    answers.map(async (response) => `${JSON.stringify([...response.headers])} ${await response.text()}`),
  );
  assert.deepEqual(
    texts.flatMap((text) => spellingsIn(text, canary)),
    [],
  );
});
