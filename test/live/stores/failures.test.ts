// Failed passwords counted by a real store: two brokers share one count, whatever order their attempts end in.

import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { systemClock } from '../../../src/core/seams.ts';
import { Secret } from '../../../src/core/secret.ts';
import { keepConnection } from '../../../src/stores/kept-connection.ts';
import { asker, type StoreObserver } from '../../../src/stores/questions.ts';
import { connectRedis } from '../../../src/stores/redis.ts';
import { sealer } from '../../../src/stores/sealed.ts';
import {
  type Attempt,
  type SharedFailures,
  sharedFailures,
  UNDER_WAY_FOR_MS,
} from '../../../src/stores/shared-failures.ts';
import { type Redis, redisMissing, startRedis } from '../rig/redis.ts';
import { waitFor } from '../rig/wait.ts';

const skip = redisMissing();
const KEY = new Secret('k'.repeat(40));
const observer: StoreObserver = { asked: () => undefined, up: () => undefined };

async function begun(failures: SharedFailures | undefined, name: string, password = 'wrong'): Promise<Attempt> {
  const attempt = await failures?.begin({ name, password });
  assert.ok(attempt !== undefined);
  return attempt;
}

/** Of names, not of their passwords. */
async function namesIn(redis: Redis): Promise<readonly string[]> {
  const keys = await redis.command('KEYS', 'kab:failed:*');
  return (Array.isArray(keys) ? keys.map(String) : []).filter((key) => key.endsWith('}'));
}

async function proofs(redis: Redis): Promise<readonly string[]> {
  const keys = await redis.command('KEYS', 'kab:failed:*verified');
  return Array.isArray(keys) ? keys.map(String) : [];
}

void describe('failed passwords of several brokers', { skip }, () => {
  let redis: Redis;
  const open: (() => void)[] = [];
  before(async () => {
    redis = await startRedis();
  });
  after(async () => {
    for (const close of open) close();
    await redis.stop();
  });

  const broker = async (windowMs = 60_000): Promise<SharedFailures> => {
    const kept = keepConnection({
      clock: systemClock,
      log: () => undefined,
      observer,
      probeKey: randomUUID(),
      connect: (lost) => connectRedis({ urls: [redis.url], mode: 'single' }, lost),
    });
    open.push(() => kept.close());
    await waitFor('the store', () => kept.fault() === undefined || undefined);
    const ask = asker({ connection: kept, observer, clock: systemClock, timeoutMs: 1000 });
    return sharedFailures({
      ask,
      sealer: sealer(KEY, randomBytes),
      clock: systemClock,
      randomBytes,
      keyPrefix: 'kab:',
      accounts: 'ldap ldaps://dc1',
      windowMs,
    });
  };

  void test('are one count, in which no two brokers see the same number', async () => {
    const brokers = [await broker(), await broker(), await broker()];
    const attempts = await Promise.all(Array.from({ length: 30 }, (_, index) => begun(brokers[index % 3], 'alice')));
    const counts = attempts.map(({ ofName }) => ofName).toSorted((a, b) => a - b);
    assert.deepEqual(
      counts,
      Array.from({ length: 30 }, (_, index) => index + 1),
    );
  });

  void test('go on counting when refused, and are given back when nobody looked', async () => {
    const [a, b] = [await broker(), await broker()];
    (await begun(a, 'bob')).end('refused');
    (await begun(a, 'bob', 'other')).end('back');
    const third = await begun(b, 'bob');
    assert.deepEqual([third.ofName, third.ofPassword, third.isVerified], [2, 2, false]);
    assert.equal((await begun(b, 'bob', 'other')).ofPassword, 1);
  });

  void test('are forgotten by a right password, but for those under way', async () => {
    const [a, b] = [await broker(), await broker()];
    (await begun(a, 'carol', 'old')).end('refused');
    const underWay = await begun(b, 'carol', 'old');
    (await begun(a, 'carol', 'right')).end('accepted');
    underWay.end('refused');
    assert.equal((await begun(a, 'carol', 'other')).ofName, 2);
    assert.deepEqual(
      [(await begun(b, 'carol', 'right')).isVerified, (await begun(b, 'carol', 'old')).isVerified],
      [true, false],
    );
  });

  void test('a password that is refused later is verified no more', async () => {
    const a = await broker();
    (await begun(a, 'dora', 'right')).end('accepted');
    (await begun(a, 'dora', 'right')).end('refused');
    assert.equal((await begun(a, 'dora', 'right')).isVerified, false);
  });

  void test('a proof that was copied from one name to another proves nothing', async () => {
    const a = await broker();
    (await begun(a, 'eve', 'right')).end('accepted');
    const [other = ''] = (await proofs(redis)).slice(-1);
    const known = new Set(await proofs(redis));
    const proof = String(await redis.command('GET', other));
    (await begun(a, 'frank', 'right')).end('accepted');
    const target = (await proofs(redis)).find((key) => !known.has(key));
    await redis.command('SET', target ?? '', proof);
    assert.equal((await begun(a, 'frank', 'right')).isVerified, false);
  });

  void test('whose end is lost are under way for no longer than a review can take', async () => {
    const a = await broker();
    const name = `hal-${randomUUID()}`;
    const earlier = await namesIn(redis);
    await begun(a, name);
    await begun(a, name);
    const key = (await namesIn(redis)).find((each) => !earlier.includes(each)) ?? '';
    const members = await redis.command('ZRANGE', key, '0', '-1');
    assert.ok(Array.isArray(members) && members.length === 2);
    const longAgo = String(Date.now() - UNDER_WAY_FOR_MS - 1000);
    await redis.command('ZADD', key, longAgo, String(members[0]));
    assert.equal((await begun(a, name)).ofName, 2);
  });

  void test('that the store counted too late to be told of are given back', async () => {
    const a = await broker();
    const name = `ida-${randomUUID()}`;
    redis.suspend();
    const lost = await a.begin({ name, password: 'right' }, { leftMs: 50 });
    redis.resume();
    assert.equal(lost, undefined);
    await waitFor('the count to be given back', async () => {
      const attempt = await begun(a, name, randomUUID());
      attempt.end('back');
      return attempt.ofName === 1 ? true : undefined;
    });
  });

  void test('end with the window', async () => {
    const a = await broker(300);
    (await begun(a, 'gil')).end('refused');
    await waitFor('the window to pass', async () => {
      const attempt = await begun(a, 'gil', randomUUID());
      attempt.end('back');
      return attempt.ofName === 1 ? true : undefined;
    });
  });
});
