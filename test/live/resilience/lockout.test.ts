// A stale password in many loops, and a guesser: the directory never locks the account, and its owner gets in.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { slapdMissing } from '../rig/slapd.ts';
import { PEOPLE } from '../rig/slapd-data.ts';
import { waitFor } from '../rig/wait.ts';
import { inFlight } from '../support/in-flight.ts';
import { tally } from './support/load.ts';
import { startWorld, type World } from './support/world.ts';

/** The directory locks at the fifth; the broker stays below. */
const DIRECTORY_LOCKS_AT = 5;
const FAILED_PASSWORDS = { max: 4, window: '5m' };
const LOOPS = 50;
/** A busy machine takes longer for as many. */
const MORE_THAN = 1000;

void describe('the failed-password budget before a directory that locks accounts', { skip: slapdMissing() }, () => {
  let world: World;
  before(async () => {
    world = await startWorld({
      maxFailures: DIRECTORY_LOCKS_AT,
      // Short, so that a stale password comes to be evaluated again within the time of a test.
      settings: {
        cache: { authenticatedTTL: '0s', rejectedTTL: '300ms' },
        limits: { failedPasswords: FAILED_PASSWORDS },
      },
    });
  });
  after(() => world?.stop());

  async function noted(user: string): Promise<{ readonly failures: number; readonly locked: number }> {
    const dn = `uid=${user},${PEOPLE}`;
    const { pwdFailureTime = [], pwdAccountLockedTime = [] } = await world.slapd.operationalAttributes(dn);
    return { failures: pwdFailureTime.length, locked: pwdAccountLockedTime.length };
  }
  const blocks = () => world.program.metric('authbroker_failed_password_blocks_total', { provider: 'corp-ldap' });

  void it(`${LOOPS} kubectl loops with one stale password, in every spelling of the name, never lock the account`, async (t) => {
    const names = ['user1', 'User1', 'USER1', ' user1', 'ｕser1'];
    const untilMs = performance.now() + 4000;
    const outcomes: string[] = [];
    const loop = async (index: number) => {
      while (performance.now() < untilMs || outcomes.length <= MORE_THAN) {
        // oxlint-disable-next-line no-await-in-loop -- kubectl asks again when it has its answer
        outcomes.push((await world.client.review(`${names[index % names.length]}:last month's`)).outcome);
      }
    };
    await Promise.all(Array.from({ length: LOOPS }, (_, index) => loop(index)));
    const { failures, locked } = await noted('user1');
    t.diagnostic(
      `${outcomes.length} reviews, ${failures} failures noted by the directory, ${await blocks()} kept from it`,
    );
    assert.ok(outcomes.length > MORE_THAN);
    assert.ok(!outcomes.includes('authenticated'));
    assert.ok(failures >= 2, 'the stale password was evaluated again when its refusal had been forgotten');
    assert.ok(failures < DIRECTORY_LOCKS_AT && locked === 0, `${failures} failures, locked ${locked}`);
    assert.equal(
      (await world.client.review('user1:pw-user1')).outcome,
      'authenticated',
      'the new password works at once',
    );
  });

  void it('a guesser is stopped, and the owner who logged in within the hour still gets in', async () => {
    const { client } = world;
    assert.equal((await client.review('user2:pw-user2')).outcome, 'authenticated');
    const earlier = await blocks();
    const guesses = Array.from({ length: 200 }, (_, index) => `user2:guess ${index}`);
    const answers = await inFlight(guesses, 20, (guess) => client.review(guess));
    const { failures, locked } = await noted('user2');
    assert.ok(failures <= FAILED_PASSWORDS.max && locked === 0, `${failures} failures, locked ${locked}`);
    assert.deepEqual(Object.keys(tally(answers)).toSorted(), ['rejected', 'unavailable']);
    assert.equal((await blocks()) - earlier, 200 - FAILED_PASSWORDS.max);
    assert.equal((await client.review('user2:pw-user2')).outcome, 'authenticated');
  });

  void it('a reload of the configuration gives a guesser no new budget', async () => {
    const { client, program } = world;
    const guess = (index: number) => client.review(`user3:guess ${index}`);
    await inFlight(
      Array.from({ length: 10 }, (_, index) => index),
      1,
      guess,
    );
    for (let reload = 1; reload <= 3; reload += 1) {
      program.signal('SIGHUP');
      /* oxlint-disable no-await-in-loop -- one after the other */
      await waitFor('the reload', () => program.lines('configuration reloaded')[reload - 1]);
      await inFlight(
        Array.from({ length: 10 }, (_, index) => reload * 100 + index),
        1,
        guess,
      );
      /* oxlint-enable no-await-in-loop */
    }
    const { failures, locked } = await noted('user3');
    assert.ok(failures <= FAILED_PASSWORDS.max && locked === 0, `${failures} failures, locked ${locked}`);
  });

  void it('thousands of other names use up nobody`s budget and free nobody`s', async (t) => {
    const { client, program } = world;
    await inFlight(
      Array.from({ length: 10 }, (_, index) => index),
      1,
      (index) => client.review(`user4:guess ${index}`),
    );
    const { failures } = await noted('user4');
    assert.equal(failures, FAILED_PASSWORDS.max);
    const rss = () => program.metric('process_resident_memory_bytes');
    const earlier = await rss();
    const names = Array.from({ length: 5000 }, (_, index) => `nobody${index}:x${index}`);
    const answers = await inFlight(names, 50, (token) => client.review(token));
    assert.ok(!('authenticated' in tally(answers)) && !('failed' in tally(answers)), JSON.stringify(tally(answers)));
    t.diagnostic(
      `${JSON.stringify(tally(answers))}, memory ${Math.round(((await rss()) - earlier) / 1048576)} MiB more`,
    );
    assert.equal((await client.review('user4:another guess')).outcome, 'unavailable');
    assert.equal((await noted('user4')).failures, FAILED_PASSWORDS.max);
    assert.equal((await client.review('user5:pw-user5')).outcome, 'authenticated');
  });

  void it('an unknown user, a wrong password and a locked account are told the same, byte for byte', async () => {
    const { client, slapd } = world;
    const lock = (index: number) => slapd.tool('ldapwhoami', ['-D', `uid=user6,${PEOPLE}`, '-w', `wrong ${index}`]);
    await inFlight(
      Array.from({ length: DIRECTORY_LOCKS_AT }, (_, index) => index),
      1,
      lock,
    );
    assert.equal((await noted('user6')).locked, 1);
    const tokens = ['nobody at all:pw', 'user7:wrong', 'user6:pw-user6', 'user6:wrong'];
    const answers = await inFlight(tokens, 1, (token) => client.review(token));
    assert.equal(new Set(answers.map(({ body }) => body)).size, 1, JSON.stringify(answers));
    assert.equal(answers[0]?.outcome, 'rejected');
    const lines = await inFlight(answers, answers.length, ({ id }) =>
      waitFor('the log line', () => world.program.lines('review').find((line) => line['id'] === id)),
    );
    assert.deepEqual(
      lines.map(({ reason }) => reason),
      ['unknown-user', 'wrong-password', 'account-locked', 'account-locked'],
    );
  });
});
