// One address cannot use up the budget of a name, and many right sign-ins from one address are no guesses.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { authenticated, rejected, unavailable } from '../../src/core/verdict.ts';
import { type AddressShares, addressShares } from '../../src/portal/address-share.ts';
import { fakeClock, settled } from '../support/fake-clock.ts';
import { inOrder } from '../support/settled.ts';
import { json, startPortal } from './setup.ts';

const BUDGET = { max: 5, windowMs: 300_000 };

function world() {
  const clock = fakeClock();
  return { clock, shares: addressShares(clock) };
}

/** True when the address had used up its share. */
async function guess(shares: AddressShares, address: string, name: string): Promise<boolean> {
  const turn = await shares.enter(address, name, BUDGET);
  turn.end(true);
  return turn.untilMs !== undefined;
}

async function wrongOnes(shares: AddressShares, count: number, address = '192.0.2.1', name = 'alice'): Promise<void> {
  await inOrder(Array.from({ length: count }), () => guess(shares, address, name));
}

void describe('the share of an address in the guesses of a name', () => {
  void test('is three of five, and comes back with time', async () => {
    const { shares, clock } = world();
    await wrongOnes(shares, 2);
    clock.step(1000);
    assert.equal(await guess(shares, '192.0.2.1', 'alice'), false);
    const turn = await shares.enter('192.0.2.1', 'alice', BUDGET);
    assert.equal(turn.untilMs, clock.now() - 1000 + BUDGET.windowMs);
    turn.end(false);
    clock.step(BUDGET.windowMs - 1000);
    assert.equal(await guess(shares, '192.0.2.1', 'alice'), false);
  });

  const rows = [
    { name: 'another address', address: '192.0.2.2', user: 'alice', want: false },
    { name: 'another name', address: '192.0.2.1', user: 'bob', want: false },
    { name: 'another spelling of the name', address: '192.0.2.1', user: ' ALICE', want: true },
  ];
  for (const { name, address, user, want } of rows) {
    void test(`${want ? 'is the same' : 'is not touched'} for ${name}`, async () => {
      const { shares } = world();
      await wrongOnes(shares, 3);
      assert.equal(await guess(shares, address, user), want);
    });
  }

  const networks = [
    { name: 'one address in two spellings', a: '2001:db8::1', b: '2001:0db8:0:0:0:0:0:1', want: true },
    { name: 'two addresses of one /64', a: '2001:db8:1:2::1', b: '2001:db8:1:2:ffff:ffff:ffff:ffff', want: true },
    { name: 'two networks', a: '2001:db8:1:2::1', b: '2001:db8:1:3::1', want: false },
  ];
  for (const { name, a, b, want } of networks) {
    void test(`counts ${name} as ${want ? 'one' : 'two'}`, async () => {
      const { shares } = world();
      await wrongOnes(shares, 3, a);
      assert.equal(await guess(shares, b, 'alice'), want);
    });
  }

  void test('is not used up by right passwords, however many at a time', async () => {
    const { shares } = world();
    const turns = Array.from({ length: 20 }, () => shares.enter('192.0.2.1', 'robot', BUDGET));
    const ended = turns.map(async (turn) => {
      const { untilMs, end } = await turn;
      end(false);
      return untilMs;
    });
    assert.deepEqual(new Set(await Promise.all(ended)), new Set([undefined]));
  });

  void test('is not passed by guesses that are made at the same time', async () => {
    const { shares } = world();
    let tried = 0;
    const guesses = Array.from({ length: 20 }, async () => {
      const { untilMs, end } = await shares.enter('192.0.2.1', 'alice', BUDGET);
      if (untilMs === undefined) tried += 1;
      await settled();
      end(true);
    });
    await Promise.all(guesses);
    assert.equal(tried, 3);
  });
});

void describe('who guesses at the portal', () => {
  const ASKED = { username: 'alice', password: 'wrong' };

  void test('is told when the name can be tried again, and no upstream is asked', async (t) => {
    const portal = await startPortal(t, { check: () => rejected('wrong-password') });
    const statuses: number[] = [];
    await inOrder([1, 2, 3, 4], async () => statuses.push((await portal.post('/token', ASKED)).status));
    assert.deepEqual(statuses, [401, 401, 401, 503]);
    assert.equal(portal.checked.length, 3);
    const { error } = json(await portal.post('/token', ASKED));
    assert.equal(error, 'too many wrong passwords were tried for this name; try again after 2030-01-01T00:05:00Z');
    const page = await portal.submit({ ...ASKED, lifetime: '1h' });
    assert.equal(page.status, 503);
    assert.match(page.text, /Too many wrong passwords .* try again at <time datetime="2030-01-01T00:05:00Z">/);
    const events = portal.asked.slice(3).map(({ result, reason }) => [result, reason]);
    assert.deepEqual(new Set(events.map(String)), new Set(['unavailable,failed-password-budget']));
  });

  void test('is told the same, at the latest, when the budget of the name is used up from elsewhere', async (t) => {
    const portal = await startPortal(t, { check: () => unavailable('failed-password-budget') });
    const { error } = json(await portal.post('/token', ASKED));
    assert.match(String(error), /try again after 2030-01-01T00:05:00Z$/);
  });

  void test('does not keep others from signing in', async (t) => {
    const portal = await startPortal(t, {
      check: (username) =>
        username === 'bob'
          ? authenticated({ identity: { username: 'ldap:bob', groups: [], extra: {} } })
          : rejected('wrong-password'),
    });
    await inOrder([1, 2, 3, 4], () => portal.post('/token', ASKED));
    assert.equal((await portal.post('/token', { username: 'bob', password: 'right' })).status, 200);
  });
});
