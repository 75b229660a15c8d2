// Days on which the world is not as it was: clocks step, the issuer changes its name, tokens are as long as they may be.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RENEW_AFTER_MS } from '../../../src/upstream/oidc/issuer-keys.ts';
import { jsonAnswer } from '../../support/fake-authorization-server.ts';
import { makeKey } from '../../support/signed-tokens.ts';
import { becomes, KEY, NOW_S, outcomeOf, world } from './setup.ts';

const MINUTE_MS = 60_000;

/** A wall that a test moves, beside a clock for durations that goes on by itself. */
function steppingWall() {
  let stepMs = 0;
  return {
    now: () => NOW_S * 1000 + stepMs,
    monotonicMs: () => performance.now(),
    step: (ms: number) => {
      stepMs += ms;
    },
  };
}

void describe('a remembered token', () => {
  void test('is judged by the wall of each review, whichever way the clock steps', async (t) => {
    const clock = steppingWall();
    const { login, token, issuer } = await world(t, {}, { clock });
    const known = token({ exp: NOW_S + 60, nbf: NOW_S - 60 });
    assert.equal(outcomeOf(await login(known)), 'authenticated');
    clock.step(2 * MINUTE_MS);
    assert.equal(outcomeOf(await login(known)), 'rejected expired-token');
    clock.step(-MINUTE_MS * 60);
    assert.equal(outcomeOf(await login(known)), 'rejected premature-token');
    clock.step(MINUTE_MS * 58);
    assert.equal(outcomeOf(await login(known)), 'authenticated');
    assert.equal(issuer.asked('/jwks').length, 1, 'the keys are as old as they are, whatever the wall says');
  });
});

void describe('an issuer that changes its name', () => {
  void test('still has its keys known, and no token under the new name gets in', async (t) => {
    const { login, token, issuer, clock } = await world(t);
    assert.equal(outcomeOf(await login(token())), 'authenticated');
    const renamed = 'https://new.corp.example';
    issuer.describe((document) => ({ ...document, issuer: renamed }));
    clock.pass(RENEW_AFTER_MS);
    await becomes('malformed-answer', async () => (await login(token())).upstream?.reason);
    assert.equal(outcomeOf(await login(token({ jti: 'old name' }))), 'authenticated');
    assert.equal(outcomeOf(await login(token({ iss: renamed }))), 'abstained foreign-issuer');
    const stranger = makeKey('ES256', 'stranger');
    issuer.publish(stranger);
    assert.equal(outcomeOf(await login(token({}, stranger))), 'rejected bad-signature');
  });
});

void describe('a token of 16 KiB', () => {
  void test('is verified, remembered and mapped as any other', async (t) => {
    const { login, token } = await world(t);
    const groups = Array.from({ length: 1000 }, (_, index) => `grp-${index}`);
    const long = token({ groups, filler: 'x'.repeat(2000) });
    assert.ok(long.length > 15_000 && long.length <= 16_384, `${long.length} bytes`);
    for (const verdict of [await login(long), await login(long)]) {
      assert.ok(verdict.kind === 'authenticated');
      assert.deepEqual(verdict.value.attributes['groups'], groups);
    }
  });
});

void describe('one kid for several keys', () => {
  void test('means all of them, in whatever order they are published', async (t) => {
    const { login, token, issuer } = await world(t);
    const twin = makeKey('ES256', 'first');
    issuer.publish(jsonAnswer({ keys: [twin.jwk, KEY.jwk] }));
    assert.equal(outcomeOf(await login(token())), 'authenticated');
    assert.equal(outcomeOf(await login(token({}, twin))), 'authenticated');
    assert.equal(outcomeOf(await login(token({}, makeKey('ES256', 'first')))), 'rejected bad-signature');
  });
});
