// What is revoked is refused at the very next review, whoever wrote it, also after a restart; doubt lets nobody in.

import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, test } from 'node:test';
import { revocations } from '../../src/issuer/revocations.ts';
import { ALICE, bearer, HOUR_MS, idsIn, issuerOf, judged, listSeams, revocationsPath } from './setup.ts';

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

void describe('a revoked token', () => {
  void test('is refused at once, and the others go on', async (t) => {
    const { issuer } = issuerOf({ revocationsFile: revocationsPath(t) });
    const [one, two] = await Promise.all([issuer.issue(ALICE, HOUR_MS), issuer.issue(ALICE, HOUR_MS)]);
    assert.equal(await judged(issuer, one.token), 'authenticated');
    assert.equal(await issuer.revoke({ jti: one.id }), undefined);
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

  void test('is refused when somebody adds it to the file by hand, with the next review', async (t) => {
    const revocationsFile = revocationsPath(t);
    const { issuer } = issuerOf({ revocationsFile });
    const [one, two] = await Promise.all([issuer.issue(ALICE, HOUR_MS), issuer.issue(ALICE, HOUR_MS)]);
    assert.equal(await judged(issuer, one.token), 'authenticated');
    write(revocationsFile, `- { jti: ${JSON.stringify(one.id)} }\n`);
    assert.equal(await judged(issuer, one.token), 'rejected revoked-token');
    assert.equal(await judged(issuer, two.token), 'authenticated');
  });

  void test('is one of a user of whom all were revoked until now; a later one is good', async (t) => {
    const { issuer, clock } = issuerOf({ revocationsFile: revocationsPath(t) });
    const { token: before } = await issuer.issue(ALICE, HOUR_MS);
    const { token: bobs } = await issuer.issue({ username: 'ldap:bob', groups: [] }, HOUR_MS);
    await issuer.revoke({ username: ALICE.username, before: clock.now() });
    assert.equal(await judged(issuer, before), 'rejected revoked-token');
    assert.equal(await judged(issuer, bobs), 'authenticated');
    clock.step(1000);
    const { token: after } = await issuer.issue(ALICE, HOUR_MS);
    assert.equal(await judged(issuer, after), 'authenticated');
  });
});

void describe('the file of revocations', () => {
  void test('belongs to the broker alone, and nothing but its note is left beside it', async (t) => {
    const path = revocationsPath(t);
    const { issuer } = issuerOf({ revocationsFile: path });
    await issuer.revoke({ jti: 'a' });
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.equal(statSync(dirname(path)).mode & 0o777, 0o700);
    assert.deepEqual(readdirSync(dirname(path)), ['revocations.yaml', 'revocations.yaml.seen']);
  });

  void test('keeps its owner when root writes it', { skip: process.getuid?.() !== 0 }, async (t) => {
    const path = revocationsPath(t);
    write(path, '[]\n');
    chownSync(path, 65_534, 65_534);
    await revocations(path, listSeams()).add({ jti: 'a' });
    const { uid, gid, mode } = statSync(path);
    assert.deepEqual([uid, gid, mode & 0o777], [65_534, 65_534, 0o600]);
  });

  void test('has every one of many that are revoked at the same time by several writers', async (t) => {
    const path = revocationsPath(t);
    const writers = [revocations(path, listSeams()), revocations(path, listSeams())];
    const ids = Array.from({ length: 30 }, (_, index) => `token-${index}`);
    const failed = await Promise.all(
      writers.flatMap((list, at) => ids.filter((_, index) => index % 2 === at).map((jti) => list.add({ jti }))),
    );
    assert.deepEqual(
      failed.filter((fault) => fault !== undefined),
      [],
    );
    assert.deepEqual(idsIn(path).toSorted(), ids.toSorted());
  });

  void test('is never seen half written by another process', async (t) => {
    const path = revocationsPath(t);
    const mine = revocations(path, listSeams());
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

  void test('survives names that YAML could take for something else', async (t) => {
    const path = revocationsPath(t);
    const list = revocations(path, listSeams());
    const names = ['no', '12:30', '- x', '"', "it's: {a}", '#', '\u2028', 'jürgen', '&a *b', '!!str x', '{}'];
    await Promise.all(names.map((username) => list.add({ username, before: 5000 })));
    const fresh = await revocations(path, listSeams()).current();
    assert.ok(!('kind' in fresh));
    for (const username of names) assert.equal(fresh.has({ username, issuedAtMs: 1 }), true, username);
  });

  void test('is made by the first broker that starts, and left alone by the next', async (t) => {
    const path = revocationsPath(t);
    assert.equal(await revocations(path, listSeams()).begin(), undefined);
    const text = readFileSync(path, 'utf8');
    assert.match(text, /^# kube-auth-broker revocations \{"change":0,/);
    assert.equal(await revocations(path, listSeams()).begin(), undefined);
    assert.equal(readFileSync(path, 'utf8'), text);
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
    { name: 'a first line that was changed', given: '# kube-auth-broker revocations {"change":-1}\n[]\n' },
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
