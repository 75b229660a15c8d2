// What is revoked is refused at the very next review, whoever wrote it, also after a restart; doubt lets nobody in.

import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { describe, test } from 'node:test';
import { parse, stringify } from 'yaml';
import { formatRevocations, parseRevocations } from '../../src/issuer/revocation-list.ts';
import { revocations } from '../../src/issuer/revocations.ts';
import { fakeClock } from '../support/fake-clock.ts';
import { ALICE, bearer, HOUR_MS, issuerOf, judged, revocationsPath } from './setup.ts';

const SECOND_MS = 1000;

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

void describe('a revoked token', () => {
  void test('is refused at once, and the others go on', async (t) => {
    const { issuer } = issuerOf({ revocationsFile: revocationsPath(t) });
    const [one, two] = await Promise.all([issuer.issue(ALICE, HOUR_MS), issuer.issue(ALICE, HOUR_MS)]);
    assert.equal(await judged(issuer, one.token), 'authenticated');
    assert.equal(await issuer.revoke({ jti: one.id, expires: one.expiresAtMs }), undefined);
    assert.equal(await judged(issuer, one.token), 'rejected revoked-token');
    assert.equal(await judged(issuer, two.token), 'authenticated');
  });

  void test('stays refused after a restart, and on a replica that shares the file', async (t) => {
    const revocationsFile = revocationsPath(t);
    const { issuer, clock } = issuerOf({ revocationsFile });
    const { token, id } = await issuer.issue(ALICE, HOUR_MS);
    await issuer.revoke({ jti: id });
    assert.equal(await judged(issuerOf({ revocationsFile }, clock).issuer, token), 'rejected revoked-token');
  });

  void test('is refused when somebody edits the file, with the next review', async (t) => {
    const revocationsFile = revocationsPath(t);
    const { issuer } = issuerOf({ revocationsFile });
    const { token, id } = await issuer.issue(ALICE, HOUR_MS);
    assert.equal(await judged(issuer, token), 'authenticated');
    write(revocationsFile, `- { jti: ${JSON.stringify(id)} }\n`);
    assert.equal(await judged(issuer, token), 'rejected revoked-token');
    write(revocationsFile, '[]\n');
    assert.equal(await judged(issuer, token), 'authenticated');
  });

  void test('is one of a user of whom all were revoked until now; a later one is good', async (t) => {
    const { issuer, clock } = issuerOf({ revocationsFile: revocationsPath(t) });
    const { token: before } = await issuer.issue(ALICE, HOUR_MS);
    const { token: bobs } = await issuer.issue({ username: 'ldap:bob', groups: [] }, HOUR_MS);
    await issuer.revoke({ username: ALICE.username, before: clock.now() });
    assert.equal(await judged(issuer, before), 'rejected revoked-token');
    assert.equal(await judged(issuer, bobs), 'authenticated');
    clock.step(SECOND_MS);
    const { token: after } = await issuer.issue(ALICE, HOUR_MS);
    assert.equal(await judged(issuer, after), 'authenticated');
  });
});

void describe('the file of revocations', () => {
  void test('belongs to the broker alone, and nothing is left beside it', async (t) => {
    const path = revocationsPath(t);
    const { issuer } = issuerOf({ revocationsFile: path });
    await issuer.revoke({ jti: 'a' });
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.equal(statSync(dirname(path)).mode & 0o777, 0o700);
    assert.deepEqual(readdirSync(dirname(path)), ['revocations.yaml']);
  });

  void test('keeps its owner when root writes it', { skip: process.getuid?.() !== 0 }, async (t) => {
    const path = revocationsPath(t);
    write(path, '[]\n');
    chownSync(path, 65_534, 65_534);
    await revocations(path, fakeClock()).add({ jti: 'a' });
    const { uid, gid, mode } = statSync(path);
    assert.deepEqual([uid, gid, mode & 0o777], [65_534, 65_534, 0o600]);
  });

  void test('has every one of many that are revoked at the same time by several writers', async (t) => {
    const path = revocationsPath(t);
    const writers = [revocations(path, fakeClock()), revocations(path, fakeClock())];
    const ids = Array.from({ length: 30 }, (_, index) => `token-${index}`);
    const failed = await Promise.all(
      writers.flatMap((list, at) => ids.filter((_, index) => index % 2 === at).map((jti) => list.add({ jti }))),
    );
    assert.deepEqual(
      failed.filter((fault) => fault !== undefined),
      [],
    );
    const written: readonly { jti: string }[] = parse(readFileSync(path, 'utf8'));
    assert.deepEqual(written.map(({ jti }) => jti).toSorted(), ids.toSorted());
  });

  void test('is never seen half written by another process', async (t) => {
    const path = revocationsPath(t);
    const mine = revocations(path, fakeClock());
    const other = fork(new URL('revoking-process.ts', import.meta.url), [path], { stdio: 'ignore' });
    const ended = new Promise((resolve) => other.once('exit', resolve));
    while (other.exitCode === null) {
      // oxlint-disable-next-line no-await-in-loop -- looks while the other one writes
      const list = await mine.current();
      assert.ok(!('kind' in list), 'kind' in list ? list.detail : '');
    }
    assert.equal(await ended, 0);
    const list = await mine.current();
    assert.ok(!('kind' in list) && list.has({ id: 'other-19', username: '' }));
  });

  void test('forgets tokens that have ended by themselves, and nothing else', async (t) => {
    const path = revocationsPath(t);
    const clock = fakeClock();
    const list = revocations(path, clock);
    await list.add({ jti: 'short', expires: clock.now() + SECOND_MS });
    await list.add({ jti: 'unknown' });
    const before = clock.now();
    await list.add({ username: 'u', before });
    clock.step(HOUR_MS);
    await list.add({ jti: 'unknown' });
    assert.match(readFileSync(path, 'utf8'), /short/, 'the clock of another replica may be behind');
    clock.step(2 * SECOND_MS);
    await list.add({ username: 'u', before: 0 });
    const kept: unknown = parse(readFileSync(path, 'utf8'));
    assert.deepEqual(kept, [{ jti: 'unknown' }, { username: 'u', before: new Date(before).toISOString() }]);
  });

  void test('survives names that YAML could take for something else', async (t) => {
    const path = revocationsPath(t);
    const list = revocations(path, fakeClock());
    const names = ['no', '12:30', '- x', '"', "it's: {a}", '#', '\u2028', 'jürgen', '&a *b', '!!str x', '{}'];
    await Promise.all(names.map((username) => list.add({ username, before: 5000 })));
    const fresh = await revocations(path, fakeClock()).current();
    assert.ok(!('kind' in fresh));
    for (const username of names) assert.equal(fresh.has({ username, issuedAtMs: 1 }), true, username);
  });

  void test('means the same as broker’s lines and as anybody’s YAML', () => {
    const entries = [
      { jti: 'a' },
      { jti: 'b: "c"\u2028', expires: 1_900_000_000_000 },
      { username: 'ldap:jürgen', before: 1_800_000_000_000 },
    ];
    const text = formatRevocations(entries);
    assert.deepEqual(parseRevocations(text), { entries });
    assert.deepEqual(parseRevocations(`${text}# a comment\n`), { entries });
    assert.deepEqual(parseRevocations(stringify(parse(text))), { entries });
    assert.deepEqual(parseRevocations('- {"jti":"a","jti":"b"}\n'), { fault: 'is not valid YAML' });
  });

  void test('is taken from a writer that died with the lock', async (t) => {
    const path = revocationsPath(t);
    write(`${path}.lock`, '');
    const longAgo = new Date(Date.now() - 60_000);
    utimesSync(`${path}.lock`, longAgo, longAgo);
    assert.equal(await revocations(path, fakeClock()).add({ jti: 'a' }), undefined);
  });
});

void describe('doubt about revocations lets nobody in', () => {
  const rows = [
    { name: 'no YAML', given: '- {' },
    { name: 'no list', given: 'jti: x\n' },
    { name: 'text in the list', given: '- x\n' },
    { name: 'an unknown key', given: '- { jti: x, user: y }\n' },
    { name: 'a time that is none', given: '- { username: x, before: yesterday }\n' },
    { name: 'a user without a time', given: '- { username: x }\n' },
    { name: 'an id that is a number', given: '- { jti: 7 }\n' },
    { name: 'an alias', given: '- &a { jti: x }\n- *a\n' },
  ];
  for (const { name, given } of rows) {
    void test(name, async (t) => {
      const revocationsFile = revocationsPath(t);
      write(revocationsFile, given);
      const { issuer } = issuerOf({ revocationsFile });
      const { token } = await issuer.issue(ALICE, HOUR_MS);
      assert.equal(await judged(issuer, token), 'unavailable revocations-unreadable');
      assert.equal((await issuer.revoke({ jti: 'y' }))?.reason, 'revocations-unreadable');
      assert.equal(readFileSync(revocationsFile, 'utf8'), given, 'it is left for somebody to mend');
    });
  }

  void test('a file that has gone although it had entries', async (t) => {
    const revocationsFile = revocationsPath(t);
    const { issuer } = issuerOf({ revocationsFile });
    const { token } = await issuer.issue(ALICE, HOUR_MS);
    assert.equal(await judged(issuer, token), 'authenticated', 'before the first revocation there is no file');
    await issuer.revoke({ jti: 'x' });
    rmSync(revocationsFile);
    assert.equal(await judged(issuer, token), 'unavailable revocations-unreadable');
  });

  void test('a folder that cannot be written', { skip: process.getuid?.() === 0 }, async (t) => {
    const revocationsFile = revocationsPath(t);
    write(revocationsFile, '[]\n');
    chmodSync(dirname(revocationsFile), 0o500);
    t.after(() => chmodSync(dirname(revocationsFile), 0o700));
    const { issuer } = issuerOf({ revocationsFile });
    assert.equal((await issuer.revoke({ jti: 'x' }))?.reason, 'revocations-unwritable');
  });

  void test('a place where no folder can be', async (t) => {
    const path = revocationsPath(t);
    write(path, '[]\n');
    const { issuer } = issuerOf({ revocationsFile: `${path}/below.yaml` });
    assert.equal((await issuer.revoke({ jti: 'x' }))?.reason, 'revocations-unwritable');
    const { token } = await issuer.issue(ALICE, HOUR_MS);
    assert.equal((await issuer.verify(bearer(token))).kind, 'unavailable');
  });

  void test('no file is configured: a revocation says so, and is not forgotten silently', async () => {
    const { issuer } = issuerOf();
    const failed = await issuer.revoke({ jti: 'x' });
    assert.match(failed?.detail ?? '', /revocationsFile is not configured/);
  });
});
