// No revocation is lost without a word: not to a clock, a restart, an empty file, or the backup of an earlier one.

import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { revocations } from '../../src/issuer/revocations.ts';
import { fakeClock } from '../support/fake-clock.ts';
import { inOrder } from '../support/settled.ts';
import { DAY_MS, idsIn, issuerOf, judged, listSeams, minted, revocationsPath } from './setup.ts';

void describe('an entry is taken off', () => {
  void test('once brokers have watched it for two of the longest lifetimes, and never by what a clock says', async (t) => {
    const path = revocationsPath(t);
    const clock = fakeClock();
    const list = revocations(path, listSeams(clock));
    await list.add({ jti: 'early' });
    clock.setWall(clock.now() + 1000 * DAY_MS);
    await list.add({ jti: 'from a clock that is ahead' });
    assert.deepEqual(idsIn(path), ['early', 'from a clock that is ahead']);
    clock.step(2 * DAY_MS);
    await list.add({ jti: 'late' });
    assert.deepEqual(idsIn(path), ['early', 'from a clock that is ahead', 'late']);
    clock.step(2);
    await list.add({ jti: 'last' });
    assert.deepEqual(idsIn(path), ['late', 'last']);
  });

  void test('though every broker runs for a shorter time, as long as each writes now and then', async (t) => {
    const path = revocationsPath(t);
    await revocations(path, listSeams()).add({ jti: 'early' });
    await inOrder([1, 2, 3, 4, 5], async (day) => {
      const clock = fakeClock();
      const list = revocations(path, listSeams(clock));
      await list.current();
      clock.step(DAY_MS);
      await list.add({ jti: `day ${day}` });
    });
    assert.deepEqual(idsIn(path), ['day 3', 'day 4', 'day 5']);
  });

  void test('later by two brokers than by one: the same hour is counted once', async (t) => {
    const path = revocationsPath(t);
    const clock = fakeClock();
    const [one, two] = [revocations(path, listSeams(clock)), revocations(path, listSeams(clock))];
    await one.add({ jti: 'early' });
    await two.current();
    clock.step(DAY_MS);
    await one.add({ jti: 'a' });
    await two.add({ jti: 'b' });
    clock.step(DAY_MS);
    await two.add({ jti: 'c' });
    assert.deepEqual(idsIn(path), ['early', 'a', 'b', 'c']);
  });

  void test('and another broker does not take that for a loss', async (t) => {
    const path = revocationsPath(t);
    const clock = fakeClock();
    const [one, two] = [revocations(path, listSeams(clock)), revocations(path, listSeams(clock))];
    await one.add({ jti: 'early' });
    await two.current();
    clock.step(3 * DAY_MS);
    await one.add({ jti: 'late' });
    assert.deepEqual(idsIn(path), ['late']);
    assert.ok(!('kind' in (await two.current())));
  });
});

void describe('a list that has lost something lets nobody in until an operator takes it as it is', () => {
  const rows: { name: string; lose: (path: string) => void }[] = [
    { name: 'the file has gone', lose: (path) => rmSync(path) },
    { name: 'the file was emptied', lose: (path) => writeFileSync(path, '') },
    { name: 'the list was emptied', lose: (path) => writeFileSync(path, '[]\n') },
    { name: 'an earlier version was restored', lose: (path) => copyFileSync(`${path}.backup`, path) },
    {
      name: 'an entry was taken out',
      lose: (path) => writeFileSync(path, readFileSync(path, 'utf8').replace(/^- \{"jti":"second".*\n/m, '')),
    },
  ];
  for (const { name, lose } of rows) {
    for (const when of ['while a broker runs', 'while none runs'] as const) {
      // The note beside the file counts its changes, it does not name entries.
      if (when === 'while none runs' && name === 'an entry was taken out') continue;
      void test(`${name} ${when}`, async (t) => {
        const path = revocationsPath(t);
        const { issuer, clock } = issuerOf({ revocationsFile: path });
        await issuer.revoke({ jti: 'first' });
        copyFileSync(path, `${path}.backup`);
        await issuer.revoke({ jti: 'second' });
        const { token } = await minted(issuer);
        lose(path);
        const now = when === 'while a broker runs' ? issuer : issuerOf({ revocationsFile: path }, clock).issuer;
        assert.equal(await judged(now, token), 'unavailable revocations-unreadable');
        assert.equal((await now.revocations?.begin())?.reason, 'revocations-unreadable');
        assert.equal((await now.revoke({ jti: 'third' }))?.reason, 'revocations-unreadable');
        assert.equal(await issuerOf({ revocationsFile: path }, clock).issuer.revocations?.accept(), undefined);
        assert.equal(await judged(now, token), 'authenticated');
        assert.equal(await now.revoke({ jti: 'third' }), undefined);
      });
    }
  }
});
