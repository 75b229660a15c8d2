// Where an issued token is good, and for how long.

import assert from 'node:assert/strict';
import { json, startPortal } from '../../portal/setup.ts';
import { inOrder } from '../../support/settled.ts';
import * as setup from '../setup.ts';
import { LETS_IN, PASSWORD, provesSection } from './sentences.ts';

const { DAY_MS, HOUR_MS, issuerOf, judged, minted } = setup;

provesSection('Where it is good', {
  'It is good at the endpoint that signed its owner in, and at no other one.': async () => {
    const { issuer } = issuerOf();
    const { token } = await minted(issuer, { endpoint: '/dev' });
    assert.equal(await judged(issuer, token, '/dev'), 'authenticated');
    assert.equal(await judged(issuer, token, '/prod'), 'rejected other-endpoint');
  },
  'With `issuer.crossEndpoints` it is good at every endpoint that has a provider of type `issued`.': async () => {
    const { issuer } = issuerOf({ crossEndpoints: true });
    const { token } = await minted(issuer, { endpoint: '/dev' });
    assert.equal(await judged(issuer, token, '/prod'), 'authenticated');
  },
  'It is good at every broker with the same `issuer.name`, `issuer.audience` and keys.': async () => {
    const { issuer, clock } = issuerOf();
    const { token } = await minted(issuer);
    assert.equal(await judged(issuerOf({}, clock).issuer, token), 'authenticated');
  },
  'A broker with another name, another audience or without the key does not take it.': async () => {
    const { issuer, clock } = issuerOf();
    const { token } = await minted(issuer);
    const others = [{ name: 'https://other.example' }, { audience: 'other' }, { keys: [setup.ES256_KEY] as const }];
    const words = await inOrder(others, (change) => judged(issuerOf(change, clock).issuer, token));
    assert.deepEqual(words, ['abstained foreign-issuer', 'rejected wrong-audience', 'abstained unknown-key']);
  },
});

provesSection('How long', {
  'It lives as long as was asked for, `lifetime.default` when nothing was, and more than `lifetime.max` is not given.':
    async (t) => {
      const portal = await startPortal(t, { check: LETS_IN });
      const lifetimes = await inOrder(['1m', undefined, '24h', '24h1s'], async (lifetime) => {
        const { expirationTimestamp } = json(await portal.post('/token', { ...PASSWORD, lifetime }));
        return typeof expirationTimestamp !== 'string' ? 'none' : Date.parse(expirationTimestamp) - portal.clock.now();
      });
      assert.deepEqual(lifetimes, [60_000, 8 * HOUR_MS, DAY_MS, 'none']);
    },
  'It ends in the second that it says, without tolerance.': async () => {
    const { issuer, clock } = issuerOf();
    const { token } = await minted(issuer);
    clock.step(HOUR_MS - 1);
    assert.equal(await judged(issuer, token), 'authenticated');
    clock.step(1);
    assert.equal(await judged(issuer, token), 'rejected expired-token');
  },
  'A token that says that it lives longer than `lifetime.max` is refused, although its signature is right.':
    async () => {
      const { issuer, clock } = issuerOf();
      const claims = setup.goodClaims(clock.now());
      const signed = (exp: number) =>
        setup.handmade({ alg: 'EdDSA', kid: 'ed' }, { ...claims, exp }, setup.ED25519.privateKey);
      const now = Math.floor(clock.now() / 1000);
      assert.equal(await judged(issuer, signed(now + 86_400)), 'authenticated');
      assert.equal(await judged(issuer, signed(now + 86_401)), 'rejected over-long-token');
    },
  'A shorter `lifetime.max` ends the longer tokens that are about.': async () => {
    const { issuer, clock } = issuerOf();
    const { token } = await minted(issuer, { lifetimeMs: 2 * HOUR_MS });
    const shorter = issuerOf({ lifetime: { defaultMs: HOUR_MS, maxMs: HOUR_MS } }, clock).issuer;
    assert.equal(await judged(shorter, token), 'rejected over-long-token');
  },
});
