// Files that change under load: everything is taken over without a failed request, and what is broken is not.

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { connect } from 'node:tls';
import { issueLoopback, makeAuthority } from '../../support/certificates.ts';
import { patient } from '../../support/patience.ts';
import { usersFile } from '../../support/users-file.ts';
import { waitFor } from '../rig/wait.ts';
import { type GoClient, goClient } from './support/go-client.ts';
import { slowestMs, startLoad, tally } from './support/load.ts';
import { authority, KUBE_APISERVER, type Program, startProgram, writeTls } from './support/program.ts';
import { apiServerOf } from './support/world.ts';

const ALICE = { username: 'alice', password: 'wonderland' };
const RIGHT = 'alice:wonderland';
const PER_SECOND = 200;
const RELOADS = 50;
const FILES = ['broker.yaml', 'users.yaml', 'tls/tls.crt', 'tls/tls.key', 'tls/client-ca.crt'];
const KEPT = 'configuration not reloaded, the last good one stays in force';
const STAFF = { name: 'staff', type: 'users', options: { file: 'users.yaml' } };

void describe('files that change while the program runs', () => {
  let program: Program;
  let client: GoClient;
  before(async () => {
    const files = { 'users.yaml': usersFile(ALICE) };
    const env = { NODE_OPTIONS: '--max-old-space-size=160' };
    program = await startProgram({ files, env, config: { providers: [STAFF], log: { level: 'warn' } } });
    client = apiServerOf(program);
  });
  after(async () => {
    client?.close();
    await program?.stop();
  });

  const reloads = (result: string) => program.metric('authbroker_config_reloads_total', { result });
  const reloaded = (result: string, times: number) =>
    waitFor(`${times} reloads: ${result}`, async () => ((await reloads(result)) >= times ? true : undefined), 30_000);
  const once = async (result: 'success' | 'failure', change: () => void): Promise<void> => {
    const earlier = await reloads(result);
    change();
    await reloaded(result, earlier + 1);
  };

  /** What a failed test leaves behind would fail the next one, too. */
  const undone = (work: () => Promise<void>) => async (): Promise<void> => {
    const texts = FILES.map((name) => [name, readFileSync(join(program.folder, name), 'utf8')] as const);
    const done = await reloads('success');
    try {
      await work();
    } catch (error) {
      for (const [name, text] of texts) program.write(name, text);
      await reloaded('success', done + 1);
      throw error;
    }
  };

  void it(`${RELOADS} reloads at ${PER_SECOND} requests a second: no failed request`, {
    timeout: patient(120_000),
  }, async (t) => {
    // Each is another one: a changed file is asked anew about a refused password, which would use up the failed-password budget.
    const load = startLoad(t, client, PER_SECOND, (index) => (index % 4 === 0 ? `stranger${index}:no` : RIGHT));
    const done = await reloads('success');
    for (let reload = 1; reload <= RELOADS; reload += 1) {
      const person = { username: `person${reload}`, password: 'x' };
      if (reload % 3 === 0) writeTls((name, text) => program.write(name, text), issueLoopback(authority));
      if (reload % 3 === 1) program.write('users.yaml', usersFile(ALICE, person));
      if (reload % 3 === 2)
        program.configure({ providers: [STAFF], log: { level: 'warn' }, cache: { maxEntries: 1000 + reload } });
      if (reload % 2 === 0) program.signal('SIGHUP');
      // oxlint-disable-next-line no-await-in-loop -- one change after the other
      await reloaded('success', done + reload);
    }
    const answers = await load.stop();
    const memoryMiB = (await program.metric('process_resident_memory_bytes')) / 1_048_576;
    t.diagnostic(
      `${answers.length} requests, ${JSON.stringify(tally(answers))}, slowest ${slowestMs(answers).toFixed(0)} ms, ${memoryMiB.toFixed(0)} MiB`,
    );
    const failed = tally(answers.filter(({ outcome }) => outcome === 'failed' || outcome === 'unavailable'));
    assert.deepEqual(failed, {});
    for (const { token, outcome } of answers) {
      assert.equal(outcome, token === RIGHT ? 'authenticated' : 'rejected');
    }
    assert.ok(slowestMs(answers) < 5000);
    // Each load leaves garbage behind, which is collected when it is needed.
    assert.ok(memoryMiB <= 320, `${memoryMiB} MiB`);
  });

  void it(
    'a certificate without its key is not taken over, and says why; its key makes it whole',
    undone(async () => {
      const was = await presented();
      const renewed = issueLoopback(authority);
      await once('failure', () => program.write('tls/tls.crt', renewed.cert));
      assert.equal(await presented(), was);
      await waitFor('the line that says why', () =>
        program.lines(KEPT).find((line) => /webhook\.tls.*key/.test(JSON.stringify(line['errors']))),
      );
      assert.equal((await client.review('alice:wonderland')).outcome, 'authenticated');
      await once('success', () => program.write('tls/tls.key', renewed.key));
      assert.notEqual(await presented(), was);
    }),
  );

  void it(
    'broken YAML, a missing file and an empty one leave the last good configuration in force',
    undone(async () => {
      const breaks = [
        () => program.write('broker.yaml', 'providers: [\n'),
        () => program.write('broker.yaml', ''),
        () => rmSync(join(program.folder, 'broker.yaml')),
        () => program.configure({ providers: [{ ...STAFF, options: { file: 'nowhere.yaml' } }] }),
      ];
      for (const change of breaks) {
        /* oxlint-disable no-await-in-loop -- one after the other */
        await once('failure', change);
        assert.equal((await client.review('alice:wonderland')).outcome, 'authenticated');
        /* oxlint-enable no-await-in-loop */
      }
      assert.ok(
        program.lines(KEPT).every((line) => line.level === 'error' && JSON.stringify(line['errors']).length > 10),
      );
      await once('success', () => program.configure({ providers: [STAFF], log: { level: 'warn' } }));
    }),
  );

  void it('the demand for a client certificate, and the TLS floor, outlive reloads', async () => {
    await once('success', () => writeTls((name, text) => program.write(name, text), issueLoopback(authority)));
    const stranger = makeAuthority('stranger').issue({ commonName: 'kube-apiserver' });
    for (const identity of [{}, stranger]) {
      const other = goClient({ port: () => program.webhookPort, tls: { ca: authority.cert, ...identity } });
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      assert.equal((await other.review('alice:wonderland')).outcome, 'failed');
      other.close();
    }
    await assert.rejects(handshake({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }));
    assert.equal((await client.review('alice:wonderland')).outcome, 'authenticated');
  });

  void it(
    'another client CA: new connections need a certificate of it, and open ones end with their next answer',
    undone(async () => {
      const next = makeAuthority('next clients');
      const early = apiServerOf(program);
      await early.review('alice:wonderland');
      await once('success', () => program.write('tls/client-ca.crt', next.cert));
      assert.equal((await early.review('alice:wonderland')).outcome, 'authenticated', 'on its open connection');
      assert.equal((await early.review('alice:wonderland')).outcome, 'failed', 'that was the last one');
      const late = apiServerOf(program);
      assert.equal((await late.review('alice:wonderland')).outcome, 'failed');
      const renewed = goClient({
        port: () => program.webhookPort,
        tls: { ca: authority.cert, ...next.issue({ commonName: 'kube-apiserver' }) },
      });
      assert.equal((await renewed.review('alice:wonderland')).outcome, 'authenticated');
      early.close();
      late.close();
      renewed.close();
      await once('success', () => program.write('tls/client-ca.crt', authority.cert));
    }),
  );

  void it(
    'a mount that swaps its ..data link, as Kubernetes does',
    undone(async () => {
      const mount = join(program.folder, 'mount');
      const publish = (name: string, text: string): void => {
        mkdirSync(join(mount, name), { recursive: true });
        writeFileSync(join(mount, name, 'users.yaml'), text);
        symlinkSync(name, join(mount, '..data_tmp'));
        renameSync(join(mount, '..data_tmp'), join(mount, '..data'));
      };
      publish('..2026_01', usersFile({ username: 'alice', password: 'first' }));
      symlinkSync(join('..data', 'users.yaml'), join(mount, 'users.yaml'));
      const mounted = { ...STAFF, options: { file: 'mount/users.yaml' } };
      await once('success', () => program.configure({ providers: [mounted], log: { level: 'warn' } }));
      assert.equal((await client.review('alice:first')).outcome, 'authenticated');
      await once('success', () => {
        publish('..2026_02', usersFile({ username: 'alice', password: 'second' }));
        rmSync(join(mount, '..2026_01'), { recursive: true });
      });
      await waitFor('the second password', async () => {
        const { outcome } = await client.review('alice:second');
        return outcome === 'authenticated' || undefined;
      });
      assert.equal((await client.review('alice:first')).outcome, 'rejected');
    }),
  );

  async function presented(): Promise<string> {
    return (await handshake({})).fingerprint;
  }

  function handshake(options: object): Promise<{ readonly fingerprint: string }> {
    return new Promise((resolve, reject) => {
      const how = {
        port: program.webhookPort,
        host: '127.0.0.1',
        ca: authority.cert,
        servername: 'localhost',
        ...KUBE_APISERVER,
      };
      const socket = connect({ ...how, ...options }, () => {
        resolve({ fingerprint: socket.getPeerCertificate().fingerprint256 });
        socket.destroy();
      });
      socket.once('error', reject);
    });
  }
});
