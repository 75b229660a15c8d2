// The page on failed passwords: each of its numbers comes out of the very guard, with a directory that counts.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import SCHEMA from '../../config/broker.schema.json' with { type: 'json' };
import { failedPasswords } from '../../src/authn/failed-passwords.ts';
import { failureCounts } from '../../src/authn/failure-counts.ts';
import { passwordMemory } from '../../src/authn/password-memory.ts';
import { fingerprinter, newFingerprintKey } from '../../src/core/fingerprint.ts';
import { authenticated, rejected, type Verdict } from '../../src/core/verdict.ts';
import { type FakeClock, fakeClock } from '../support/fake-clock.ts';
import { reviewOf } from '../support/reviews.ts';
import { inOrder } from '../support/settled.ts';

/** What other tests have left would else be counted. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  // The memory of buffers is given back after the collection that finds them, by the one that follows.
  for (let time = 0; time < 4; time += 1) collect();
}

const PAGE = readFileSync(new URL('../../providers/failed-passwords.md', import.meta.url), 'utf8');

/** The cells of every row below this head. */
function rowsBelow(head: string): readonly (readonly string[])[] {
  const [, table = ''] = PAGE.split(`| ${head} |`);
  const [rows = ''] = table.split('\n\n');
  const lines = rows.split('\n').filter((line) => line.startsWith('| '));
  return lines.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

const NUMBERS = new Map(rowsBelow('what').map(([what = '', cell = '']) => [what, cell]));

/** The first number of the row that begins so. */
function number(what: string): number {
  const row = [...NUMBERS].find(([name]) => name.startsWith(what));
  assert.ok(row, `the page has no row: ${what}`);
  return Number(row[1].replace(/^for /, '').replaceAll(',', '').split(' ')[0]);
}

const MAX = number('failed passwords of one name');
const WINDOW_MS = number('the window') * 60_000;
const VERIFIED_MS = number('a password that was right') * 60_000;
const REJECTED_TTL_MS = number('the same bytes again') * 1000;

interface Directory {
  password: string;
  /** Since the last success. */
  failures: number;
  most: number;
}

const ACCOUNT = 'uid=alice,ou=people';
const fingerprints = fingerprinter(newFingerprintKey(randomBytes), '1');

/** A broker in front of the directory; `login` is true, false, or undefined when the directory was not asked. */
function brokerBefore(directory: Directory, clock: FakeClock, max = MAX) {
  const settings = { max, windowMs: WINDOW_MS, rejectedTTLMs: REJECTED_TTL_MS, acceptedTTLMs: 60_000 };
  const memory = passwordMemory(settings, clock.monotonicMs);
  const guard = failedPasswords<string>({ memory, fingerprints, within: '', blocked: () => undefined });
  return async (username: string, password: string): Promise<boolean | undefined> => {
    let answer: boolean | undefined;
    await guard.spend(reviewOf({ username, password }), async ({ spendOn }): Promise<Verdict<string>> => {
      const spared = await spendOn?.(ACCOUNT);
      if (spared !== undefined) return spared;
      answer = password === directory.password;
      directory.failures = answer ? 0 : directory.failures + 1;
      directory.most = Math.max(directory.most, directory.failures);
      return answer ? authenticated('alice') : rejected('wrong-password');
    });
    return answer;
  };
}

const directoryWith = (password: string): Directory => ({ password, failures: 0, most: 0 });
const range = (length: number): readonly number[] => Array.from({ length }, (_, index) => index);
const NAMES = ['alice', 'ALICE', 'alice@corp.example', 'a.smith', 'Alice  Smith', 'alice.smith@example.org'];

void describe('what one account can see', () => {
  for (const [max = '', brokers = '', most = ''] of rowsBelow('`max`')) {
    void test(`max ${max}, ${brokers} brokers: ${most}`, async () => {
      const [clock, directory] = [fakeClock(), directoryWith('old')];
      const all = range(Number(brokers)).map(() => brokerBefore(directory, clock, Number(max)));
      const everyWay = (password: (index: number) => string) =>
        inOrder(all, (login) => inOrder(NAMES, (name, index) => login(name, password(index))));
      await everyWay(() => 'old');
      directory.password = 'new';
      await everyWay((index) => `guess ${index}`);
      await everyWay((index) => `another ${index}`);
      await everyWay(() => 'old');
      await inOrder(all, (login) => inOrder(range(50), (index) => login(`${index}@corp.example`, `${index}`)));
      assert.equal(directory.most, Number(most));
    });
  }
});

void describe('the numbers', () => {
  void test('max and window are the defaults of the configuration', () => {
    const { limits, cache } = SCHEMA.properties;
    const { max, window } = limits.properties.failedPasswords.properties;
    const written = [max.default, window.default, cache.properties.rejectedTTL.default];
    assert.deepEqual(written, [MAX, `${WINDOW_MS / 60_000}m`, `${REJECTED_TTL_MS / 1000}s`]);
  });
  void test('one wrong password in a loop uses up its part, and the rest is for another one', async () => {
    const [clock, directory] = [fakeClock(), directoryWith('new')];
    const login = brokerBefore(directory, clock);
    await inOrder(range(25), async () => {
      await login('alice', 'old');
      clock.step(REJECTED_TTL_MS + 1);
    });
    assert.equal(directory.failures, number('one and the same wrong password'));
    assert.equal(await login('alice', 'new'), true);
  });
  void test('the same bytes are refused from memory, and evaluated again afterwards', async () => {
    const [clock, directory] = [fakeClock(), directoryWith('new')];
    const login = brokerBefore(directory, clock);
    await login('alice', 'old');
    clock.step(REJECTED_TTL_MS - 1);
    assert.equal(await login('alice', 'old'), undefined);
    clock.step(2);
    assert.equal(await login('alice', 'old'), false);
  });
  void test('who proved the password passes by every name of the account, for as long as it says', async () => {
    const [clock, directory] = [fakeClock(), directoryWith('right')];
    const login = brokerBefore(directory, clock);
    const guess = () => inOrder(range(MAX + 1), (index) => login('alice', `guess ${index} at ${clock.now()}`));
    await login('a.smith', 'right');
    clock.step(VERIFIED_MS - 1);
    assert.equal((await guess()).at(-1), undefined, 'the budget is used up');
    assert.equal(await login('alice@corp.example', 'right'), true);
    clock.step(VERIFIED_MS + 1);
    await guess();
    assert.equal(await login('alice@corp.example', 'right'), undefined);
  });
  void test('a failure counts for the window, and at most a tenth longer', async () => {
    const [clock, directory] = [fakeClock(), directoryWith('right')];
    const login = brokerBefore(directory, clock);
    await inOrder(range(MAX), (index) => login('alice', `guess ${index}`));
    clock.step(WINDOW_MS - 1);
    assert.equal(await login('alice', 'another'), undefined);
    clock.step(WINDOW_MS / 10 + 1);
    assert.equal(await login('alice', 'another'), false);
  });
  void test('an upstream with a failure in every slice takes the memory it says, and frees it with its counts', () => {
    const clock = fakeClock();
    collectGarbage();
    const before = process.memoryUsage().arrayBuffers;
    const counts = failureCounts(WINDOW_MS, clock.monotonicMs);
    for (let slice = 0; slice < 11; slice += 1) {
      counts.add(fingerprints.of('name', [String(slice)]));
      clock.step(WINDOW_MS / 10);
    }
    collectGarbage();
    const mib = (process.memoryUsage().arrayBuffers - before) / 2 ** 20;
    assert.ok(counts.count(fingerprints.of('name', ['10'])) > 0);
    assert.ok(Math.abs(mib - number('memory of an upstream')) < 0.1, `${mib} MiB`);
  });
  void test('as many other names as it says take too much from fewer than 1 in 1,000', () => {
    const counts = failureCounts(WINDOW_MS, fakeClock().monotonicMs);
    for (let name = 0; name < number('names with one failure each'); name += 1) {
      counts.add(fingerprints.of('name', [String(name)]));
    }
    const hit = range(10_000).filter((name) => counts.count(fingerprints.of('other', [String(name)])) >= 3);
    assert.ok(hit.length < 10, `${hit.length} of 10,000`);
  });
});
