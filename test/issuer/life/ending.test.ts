// How an issued token ends before its time, and what a wrong clock does to it.

import assert from 'node:assert/strict';
import { CLOCK_TOLERANCE_MS } from '../../../src/issuer/claims.ts';
import { fakeClock } from '../../support/fake-clock.ts';
import { inOrder } from '../../support/settled.ts';
import * as setup from '../setup.ts';
import { everythingOf, provesSection, revokedByAnotherProcess } from './sentences.ts';

const { DAY_MS, HOUR_MS, issuerOf, judged, minted, revocationsPath } = setup;

provesSection('How it ends before', {
  'A revocation counts for every review that begins after it was acknowledged, whichever process made it.': async (
    t,
  ) => {
    const revocationsFile = revocationsPath(t);
    const { issuer, clock } = issuerOf({ revocationsFile });
    const { token, id } = await minted(issuer);
    const claims = { ...setup.goodClaims(clock.now()), jti: 'other-7' };
    const others = setup.handmade({ alg: 'EdDSA', kid: 'ed' }, claims, setup.ED25519.privateKey);
    assert.equal(await judged(issuer, others), 'authenticated');
    await revokedByAnotherProcess(revocationsFile);
    assert.equal(await judged(issuer, others), 'rejected revoked-token');
    assert.equal(await judged(issuer, token), 'authenticated');
    assert.equal(await issuer.revoke({ jti: id }), undefined);
    assert.equal(await judged(issuer, token), 'rejected revoked-token');
  },
  'A revocation of a user ends every token that the user was given until then, and none that is given afterwards.':
    async (t) => {
      const { issuer, clock } = issuerOf({ revocationsFile: revocationsPath(t) });
      const { token: before } = await minted(issuer);
      await issuer.revoke(everythingOf(clock.now()));
      const { token: after } = await minted(issuer);
      assert.equal(await judged(issuer, before), 'rejected revoked-token');
      assert.equal(await judged(issuer, after), 'authenticated');
    },
  'An acknowledged revocation holds after a restart.': async (t) => {
    const revocationsFile = revocationsPath(t);
    const { issuer, clock } = issuerOf({ revocationsFile });
    const { token, id } = await minted(issuer);
    assert.equal(await issuer.revoke({ jti: id }), undefined);
    issuer.close();
    assert.equal(await judged(issuerOf({ revocationsFile }, clock).issuer, token), 'rejected revoked-token');
  },
  'A key that is removed ends every token that it signed.': async () => {
    const { issuer, clock } = issuerOf();
    const { token } = await minted(issuer);
    const without = issuerOf({ keys: [setup.ES256_KEY, setup.HS256_KEY] }, clock).issuer;
    assert.equal(await judged(without, token), 'abstained unknown-key');
  },
});

provesSection('When a clock is wrong', {
  'A broker whose clock is 30 s behind takes a token of another one; further behind it does not.': async () => {
    const { issuer, clock } = issuerOf();
    const { token } = await minted(issuer);
    const behind = (ms: number) => issuerOf({}, fakeClock(clock.now() - ms)).issuer;
    assert.equal(await judged(behind(CLOCK_TOLERANCE_MS), token), 'authenticated');
    assert.equal(await judged(behind(CLOCK_TOLERANCE_MS + 1000), token), 'rejected premature-token');
    assert.equal(CLOCK_TOLERANCE_MS, 30_000);
  },
  'A revocation of a user reaches the tokens of brokers whose clocks are up to 30 s ahead.': async (t) => {
    const revocationsFile = revocationsPath(t);
    const { issuer, clock } = issuerOf({ revocationsFile });
    const ahead = issuerOf({ revocationsFile }, fakeClock(clock.now() + 29_000)).issuer;
    const { token } = await minted(ahead);
    await issuer.revoke(everythingOf(clock.now()));
    assert.equal(await judged(ahead, token), 'rejected revoked-token');
  },
  'A clock that is set back or ahead brings no revoked token back, on the computer of a broker or of who revokes.':
    async (t) => {
      const revocationsFile = revocationsPath(t);
      const { issuer, clock } = issuerOf({ revocationsFile });
      const { token, id } = await minted(issuer);
      await issuer.revoke({ jti: id });
      const now = clock.now();
      await inOrder([7 * DAY_MS, -DAY_MS, 1000 * DAY_MS], async (ms) => {
        clock.setWall(now + ms);
        await issuer.revoke({ jti: `at ${ms}` });
        const other = issuerOf({ revocationsFile }, fakeClock(now + ms)).issuer;
        assert.equal(await other.revoke({ jti: `elsewhere at ${ms}` }), undefined);
        clock.setWall(now);
        assert.equal(await judged(issuer, token), 'rejected revoked-token');
      });
    },
  'A clock that is set back makes an ended token good again, until the clock has gone on for so long.': async () => {
    const { issuer, clock } = issuerOf();
    const { token } = await minted(issuer);
    clock.step(HOUR_MS);
    assert.equal(await judged(issuer, token), 'rejected expired-token');
    clock.setWall(clock.now() - 60_000);
    assert.equal(await judged(issuer, token), 'authenticated');
    clock.step(60_000);
    assert.equal(await judged(issuer, token), 'rejected expired-token');
  },
});
