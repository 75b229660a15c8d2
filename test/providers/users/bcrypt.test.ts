// Threads that check bcrypt hashes: few, off the event loop, and no fault of theirs ends the process or a password's refusal.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Worker } from 'node:worker_threads';
import { hash } from 'bcryptjs';
import { stringify } from 'yaml';
import { bcryptMatches } from '../../../providers/users/bcrypt.ts';
import { users } from '../../../providers/users.ts';
import { reviewOf } from '../../contract/provider-run.ts';
import { passwordCredential } from '../../contract/provider-world.ts';
import { optionsOf } from '../../support/options.ts';
import { testSeams } from '../../support/seams.ts';

const HASH = await hash('right', 4);
const started: Worker[] = [];
const onWorker = (worker: Worker): void => void started.push(worker);

function login(secret: string) {
  const file = stringify([{ username: 'alice', passwordHash: HASH }]);
  const provider = users.open(
    optionsOf(users, { file: 'users.yaml' }, { '/etc/broker/users.yaml': file }),
    testSeams(),
  );
  const credential = passwordCredential({ name: 'alice', secret });
  return provider.authenticate(reviewOf(credential), new AbortController().signal);
}

void describe('threads for bcrypt', () => {
  before(() => void process.on('worker', onWorker));
  after(() => void process.off('worker', onWorker));

  const broken = [
    { name: 'that cannot start', given: 'throw new Error("no such module")' },
    {
      name: 'that ends instead of answering',
      given: "require('worker_threads').parentPort.on('message', () => process.exit(0))",
    },
    {
      name: 'that fails at its work',
      given: "require('worker_threads').parentPort.on('message', () => { throw new Error() })",
    },
  ];
  for (const { name, given } of broken) {
    void test(`one ${name} makes the login unavailable, and the next one finds a good thread`, async (t) => {
      Reflect.set(globalThis, 'KUBE_AUTH_BROKER_BCRYPT_WORKER', given);
      t.after(() => Reflect.deleteProperty(globalThis, 'KUBE_AUTH_BROKER_BCRYPT_WORKER'));
      const verdict = await login('right');
      Reflect.deleteProperty(globalThis, 'KUBE_AUTH_BROKER_BCRYPT_WORKER');
      assert.equal('reason' in verdict && `${verdict.kind}/${verdict.reason}`, 'unavailable/internal');
      started.length = 0;
      assert.equal((await login('right')).kind, 'authenticated');
      await Promise.all(started.map((worker) => worker.terminate()));
    });
  }

  void test('many logins at once share three of them', async () => {
    started.length = 0;
    const verdicts = await Promise.all(Array.from({ length: 24 }, () => login('right')));
    assert.deepEqual(new Set(verdicts.map(({ kind }) => kind)), new Set(['authenticated']));
    assert.equal(started.length, 3);
    await login('right');
    assert.equal(started.length, 3, 'the next login starts none');
  });

  void test('the event loop turns while a hash is checked', async () => {
    const slow = await hash('right', 8);
    let turns = 0;
    const turn = setInterval(() => (turns += 1), 0);
    const isRight = await bcryptMatches({ password: 'right', hash: slow });
    clearInterval(turn);
    assert.equal(isRight, true);
    assert.ok(turns > 1, `${turns} turns`);
  });
});
