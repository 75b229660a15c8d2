// The kept connection against real servers that break: what a question costs, what is said, and how soon it is found again.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { Secret } from '../../../src/core/secret.ts';
import { makePki } from '../rig/pki.ts';
import { redisMissing } from '../rig/redis.ts';
import { temporaryFolder } from '../rig/temp.ts';
import { waitFor } from '../rig/wait.ts';
import { open, server, untilDown, untilUp } from './store.ts';

const skip = redisMissing();
void describe('the connection to a shared store', { skip }, () => {
  void test('a frozen server costs two questions their time, and is found when it goes on', async (t) => {
    const redis = await server(t);
    const store = open(t, { urls: [redis.url], mode: 'single' });
    await untilUp(store);
    t.after(() => redis.resume());
    redis.suspend();
    const answers = [await store.question(), await store.question(), await store.question(), await store.question()];
    assert.deepEqual(answers, ['timeout', 'timeout', 'down', 'down']);
    assert.match(await untilDown(store), /no answer within 50 ms, 2 times in a row/);
    redis.resume();
    await untilUp(store);
    assert.equal(await store.question(), 'miss');
  });

  void test('a killed server is tried by one attempt after the other, and found when it is back', async (t) => {
    const redis = await server(t);
    const store = open(t, { urls: [redis.url], mode: 'single' });
    await untilUp(store);
    await redis.kill();
    await untilDown(store);
    const before = store.attempts();
    await Promise.all(Array.from({ length: 200 }, () => store.question()));
    assert.ok(store.attempts() - before <= 1, 'questions make no connections');
    await redis.start();
    await untilUp(store);
  });

  const faults: { name: string; config: readonly string[]; says: RegExp }[] = [
    { name: 'that is full', config: ['maxmemory 1', 'maxmemory-policy noeviction'], says: /^OOM$/ },
    {
      name: 'that is a replica',
      config: ['replicaof 127.0.0.1 1', 'replica-serve-stale-data yes'],
      says: /^READONLY$/,
    },
    {
      name: 'whose ACL forbids to write',
      config: ['user default on nopass ~* &* -@all +hello +client +get'],
      says: /^NOPERM$/,
    },
    { name: 'that wants a password', config: ['requirepass of-the-store'], says: /^NOAUTH$/ },
  ];
  for (const { name, config, says } of faults) {
    void test(`a server ${name} is lost, and the words say so`, async (t) => {
      const redis = await server(t, { config });
      const store = open(t, { urls: [redis.url], mode: 'single' });
      await waitFor('the words', () => (says.test(store.kept.fault() ?? '') ? true : undefined));
      assert.equal(await store.question(), 'down');
    });
  }

  void test('a wrong password is told as such', async (t) => {
    const redis = await server(t, { config: ['requirepass of-the-store'] });
    const store = open(t, { urls: [redis.url], mode: 'single', password: new Secret('another') });
    await waitFor('the words', () => (store.kept.fault() === 'WRONGPASS' ? true : undefined));
  });

  void test('a value of 50 MB or of another type is none of ours, and the next question is answered', async (t) => {
    const redis = await server(t);
    const store = open(t, { urls: [redis.url], mode: 'single' });
    await untilUp(store);
    await redis.command('SET', 'kab:x', 'x'.repeat(50_000_000));
    assert.equal(await store.question(), 'rejected');
    await redis.command('DEL', 'kab:x');
    await redis.command('LPUSH', 'kab:x', '1');
    assert.equal(await store.question(), 'rejected');
    await redis.command('DEL', 'kab:x');
    assert.equal(await store.question(), 'miss');
  });

  void test('TLS is verified: a certificate for another name is refused', async (t) => {
    const pki = makePki(temporaryFolder('pki'));
    const good = await server(t, { tls: { pki } });
    const wrong = await server(t, { tls: { pki, certificate: pki.wrongHost } });
    const ca = readFileSync(pki.caFile, 'utf8');
    await untilUp(open(t, { urls: [good.url], mode: 'single', tls: { ca } }));
    const store = open(t, { urls: [wrong.url], mode: 'single', tls: { ca } });
    await waitFor('the words', () => (store.kept.fault() === 'ERR_TLS_CERT_ALTNAME_INVALID' ? true : undefined));
  });

  void test('after a failover by Sentinel the new master is found', async (t) => {
    const master = await server(t);
    const replica = await server(t, { config: [`replicaof 127.0.0.1 ${master.port}`] });
    const sentinel = await server(t, {
      sentinel: true,
      config: [
        `sentinel monitor corp 127.0.0.1 ${master.port} 1`,
        'sentinel down-after-milliseconds corp 500',
        'sentinel failover-timeout corp 3000',
      ],
    });
    const store = open(t, { urls: [sentinel.url], mode: 'sentinel', masterName: 'corp' });
    await untilUp(store);
    await waitFor('Sentinel to know the replica', async () => {
      const known = await sentinel.command('SENTINEL', 'REPLICAS', 'corp');
      return Array.isArray(known) && known.length > 0 ? true : undefined;
    });
    await master.kill();
    await untilDown(store);
    await untilUp(store);
    const role = await replica.command('ROLE');
    assert.ok(Array.isArray(role) && role[0] === 'master');
    assert.equal(await store.question(), 'miss');
  });
});
