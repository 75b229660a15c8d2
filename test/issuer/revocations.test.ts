// What is revoked is refused at the very next review, whoever wrote it, also after a restart; doubt lets nobody in.

import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, test } from 'node:test';
import { CLOCK_TOLERANCE_MS, newTokenId } from '../../src/issuer/claims.ts';
import { revocations } from '../../src/issuer/revocations.ts';
import { fakeClock } from '../support/fake-clock.ts';
import {
  ALICE,
  bearer,
  ED25519,
  ENDPOINT,
  goodClaims,
  HOUR_MS,
  handmade,
  idsIn,
  issuerOf,
  judged,
  listSeams,
  minted,
  revocationsPath,
} from './setup.ts';

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

void describe('a revoked token', () => {
  void test('is refused at once, and the others go on', async (t) => {
    const { issuer } = issuerOf({ revocationsFile: revocationsPath(t) });
    const [one, two] = await Promise.all([minted(issuer), minted(issuer)]);
    assert.equal(await judged(issuer, one.token), 'authenticated');
    assert.equal(await issuer.revoke({ jti: one.id }), undefined);
    assert.equal(await judged(issuer, one.token), 'rejected revoked-token');
    assert.equal(await judged(issuer, two.token), 'authenticated');
  });

  void test('stays refused after a restart, and on a replica that shares the file', async (t) => {
    const revocationsFile = revocationsPath(t);
    const { issuer, clock } = issuerOf({ revocationsFile });
    const { token, id } = await minted(issuer);
    await issuer.revoke({ jti: id });
    assert.equal(await judged(issuerOf({ revocationsFile }, clock).issuer, token), 'rejected revoked-token');
  });

  void test('is refused when somebody adds it to the file by hand, with the next review', async (t) => {
    const revocationsFile = revocationsPath(t);
    const { issuer } = issuerOf({ revocationsFile });
    const [one, two] = await Promise.all([minted(issuer), minted(issuer)]);
    assert.equal(await judged(issuer, one.token), 'authenticated');
    write(revocationsFile, `- { jti: ${JSON.stringify(one.id)} }\n`);
    assert.equal(await judged(issuer, one.token), 'rejected revoked-token');
    assert.equal(await judged(issuer, two.token), 'authenticated');
  });
});

/** As `issuer revoke --user` has it. */
const command = (nowMs: number) => ({ username: ALICE.username, before: nowMs + CLOCK_TOLERANCE_MS });

void describe('when all tokens of a user are revoked', () => {
  void test('every one until now ends, and those of others go on', async (t) => {
    const { issuer, clock } = issuerOf({ revocationsFile: revocationsPath(t) });
    const { token: before } = await minted(issuer);
    const { token: bobs } = await minted(issuer, { holder: { username: 'ldap:bob', groups: [] } });
    await issuer.revoke(command(clock.now()));
    assert.equal(await judged(issuer, before), 'rejected revoked-token');
    assert.equal(await judged(issuer, bobs), 'authenticated');
  });

  void test('one of a broker whose clock is 20 s ahead ends, too', async (t) => {
    const revocationsFile = revocationsPath(t);
    const { issuer, clock } = issuerOf({ revocationsFile });
    const ahead = issuerOf({ revocationsFile }, fakeClock(clock.now() + 20_000)).issuer;
    const { token } = await minted(ahead);
    await issuer.revoke(command(clock.now()));
    assert.equal(await judged(issuer, token), 'rejected revoked-token');
    assert.equal(await judged(ahead, token), 'rejected revoked-token');
  });

  void test('a sign-in in the very millisecond afterwards gives a token that is good, at every broker', async (t) => {
    const revocationsFile = revocationsPath(t);
    const { issuer, clock } = issuerOf({ revocationsFile });
    const behind = issuerOf({ revocationsFile }, fakeClock(clock.now() - 20_000)).issuer;
    await issuer.revoke(command(clock.now()));
    const { token } = await minted(issuer);
    assert.equal(await judged(issuer, token), 'authenticated');
    assert.equal(await judged(behind, token), 'authenticated');
    assert.equal(bearer(token).jwt?.claims['iat'], Math.floor(clock.now() / 1000), 'and does not lie about its time');
  });

  void test('a second time at once, the tokens in between end as well', async (t) => {
    const { issuer, clock } = issuerOf({ revocationsFile: revocationsPath(t) });
    await issuer.revoke(command(clock.now()));
    const { token } = await minted(issuer);
    await issuer.revoke(command(clock.now() - 10_000));
    assert.equal(await judged(issuer, token), 'rejected revoked-token');
  });

  void test('a sign-in that began before and ends afterwards gives none', async (t) => {
    const { issuer, clock } = issuerOf({ revocationsFile: revocationsPath(t) });
    const moment = await issuer.moment();
    assert.ok(!('kind' in moment));
    await issuer.revoke(command(clock.now()));
    const issued = await issuer.issue({ holder: ALICE, endpoint: ENDPOINT, lifetimeMs: HOUR_MS, moment });
    assert.equal('kind' in issued && issued.reason, 'revoked-meanwhile');
  });

  void test('a token with an id of another maker counts by its iat, whatever the id looks like', async (t) => {
    const { issuer, clock } = issuerOf({ revocationsFile: revocationsPath(t) });
    const later = newTokenId(clock.now() + 3_600_000, (size) => Buffer.alloc(size));
    const token = handmade({ alg: 'EdDSA', kid: 'ed' }, { ...goodClaims(clock.now()), jti: later }, ED25519.privateKey);
    await issuer.revoke(command(clock.now()));
    assert.equal(await judged(issuer, token), 'rejected revoked-token');
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
    { name: 'an alias without an anchor', given: '- *a\n' },
    { name: 'a first line that was changed', given: '# kube-auth-broker revocations {"change":-1}\n[]\n' },
  ];
  for (const { name, given } of rows) {
    void test(name, async (t) => {
      const revocationsFile = revocationsPath(t);
      write(revocationsFile, given);
      const { issuer, clock } = issuerOf({ revocationsFile });
      const { token } = await minted(issuerOf({}, clock).issuer);
      assert.equal(await judged(issuer, token), 'unavailable revocations-unreadable');
      const moment = await issuer.moment();
      assert.equal('kind' in moment && moment.reason, 'revocations-unreadable', 'and no token is issued');
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
    const { token } = await minted(issuerOf().issuer);
    assert.equal((await issuer.verify(bearer(token), ENDPOINT)).kind, 'unavailable');
  });

  void test('no file is configured: a revocation says so, and is not forgotten silently', async () => {
    const { issuer } = issuerOf();
    const failed = await issuer.revoke({ jti: 'x' });
    assert.match(failed?.detail ?? '', /revocationsFile is not configured/);
  });
});
