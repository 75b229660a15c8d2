// What a lost file, a stale lock and other brokers do to an issued token.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { markOf, thisHost } from '../../../src/files/holder.ts';
import { inOrder } from '../../support/settled.ts';
import * as setup from '../setup.ts';
import { provesSection, revokedByAnotherProcess } from './sentences.ts';

const { issuerOf, judged, minted, revocationsPath } = setup;
const GONE = 'unavailable revocations-unreadable';

provesSection('When the file is lost', {
  'A file that has gone, was emptied, has lost an entry or is no list makes every issued token unavailable, and nobody gets one.':
    async (t) => {
      const losses: readonly ((path: string) => void)[] = [
        (path) => rmSync(path),
        (path) => writeFileSync(path, ''),
        (path) => writeFileSync(path, readFileSync(path, 'utf8').replace(/^- .*"second".*\n/m, '')),
        (path) => writeFileSync(path, '- {'),
      ];
      await inOrder(losses, async (lose) => {
        const path = revocationsPath(t);
        const { issuer } = issuerOf({ revocationsFile: path });
        const { token } = await minted(issuer);
        await inOrder(['first', 'second'], (jti) => issuer.revoke({ jti }));
        lose(path);
        assert.equal(await judged(issuer, token), GONE);
        const moment = await issuer.moment();
        assert.equal('kind' in moment && moment.reason, 'revocations-unreadable');
      });
    },
  'An operator’s word takes the file as it is.': async (t) => {
    const path = revocationsPath(t);
    const { issuer } = issuerOf({ revocationsFile: path });
    const { token } = await minted(issuer);
    await issuer.revoke({ jti: 'first' });
    rmSync(path);
    assert.equal(await judged(issuer, token), GONE);
    assert.equal(await issuer.revocations?.accept(), undefined);
    assert.equal(await judged(issuer, token), 'authenticated');
  },
  'A revocation that cannot be written is not acknowledged, and the token stays good.': async (t) => {
    const path = revocationsPath(t);
    const { issuer } = issuerOf({ revocationsFile: path });
    const { token, id } = await minted(issuer);
    mkdirSync(dirname(path), { recursive: true });
    mkdirSync(`${path}.lock`);
    assert.equal((await issuer.revoke({ jti: id }))?.reason, 'revocations-unwritable');
    assert.equal(await judged(issuer, token), 'authenticated');
  },
});

provesSection('When processes meet', {
  'Several processes revoke at the same time, and every acknowledged revocation is in the file.': async (t) => {
    const path = revocationsPath(t);
    const { issuer } = issuerOf({ revocationsFile: path });
    const mine = Array.from({ length: 20 }, (_, index) => `mine-${index}`);
    await Promise.all([
      revokedByAnotherProcess(path),
      revokedByAnotherProcess(path),
      ...mine.map((jti) => issuer.revoke({ jti })),
    ]);
    const theirs = Array.from({ length: 20 }, (_, index) => `other-${index}`);
    assert.deepEqual(new Set(setup.idsIn(path)), new Set([...mine, ...theirs]));
  },
  'The lock of a process that was killed is broken within 3 s.': async (t) => {
    const path = revocationsPath(t);
    const { issuer } = issuerOf({ revocationsFile: path });
    await issuer.revoke({ jti: 'first' });
    const holder = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    await once(holder, 'spawn');
    writeFileSync(`${path}.lock`, markOf({ ...thisHost(), pid: holder.pid ?? 0 }, 'theirs'));
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    const started = performance.now();
    assert.equal(await issuer.revoke({ jti: 'second' }), undefined);
    assert.ok(performance.now() - started < 3000);
  },
});

provesSection('When there are several brokers', {
  'A broker that shares the file refuses a revoked token with its next review.': async (t) => {
    const revocationsFile = revocationsPath(t);
    const { issuer, clock } = issuerOf({ revocationsFile });
    const other = issuerOf({ revocationsFile }, clock).issuer;
    const { token, id } = await minted(issuer);
    assert.equal(await judged(other, token), 'authenticated');
    await issuer.revoke({ jti: id });
    assert.equal(await judged(other, token), 'rejected revoked-token');
  },
  'A broker with a file of its own must be told by itself.': async (t) => {
    const { issuer, clock } = issuerOf({ revocationsFile: revocationsPath(t) });
    const other = issuerOf({ revocationsFile: revocationsPath(t) }, clock).issuer;
    const { token, id } = await minted(issuer);
    await issuer.revoke({ jti: id });
    assert.equal(await judged(other, token), 'authenticated');
    await other.revoke({ jti: id });
    assert.equal(await judged(other, token), 'rejected revoked-token');
  },
});
