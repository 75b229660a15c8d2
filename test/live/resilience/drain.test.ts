// SIGTERM under load, with a second replica beside it: no failed request, exit 0; and the ways that end at once.

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { usersFile } from '../../support/users-file.ts';
import { waitFor } from '../rig/wait.ts';
import { goClient } from './support/go-client.ts';
import { startLoad, tally } from './support/load.ts';
import { authority, KUBE_APISERVER, type Program, startProgram } from './support/program.ts';

const PER_SECOND = 200;
const ENDS_WITHIN_MS = 20_000;
/** How long a Service takes to leave an endpoint out that is not ready. */
const NOTICED_MS = 2000;
/** A module that throws when it is told to: no request can do that. */
const CRASH = `data:text/javascript,${encodeURIComponent("process.on('SIGUSR2',()=>{throw new TypeError('secret wonderland')})")}`;

const start = async (t: TestContext, env: Readonly<Record<string, string>> = {}): Promise<Program> => {
  const files = { 'users.yaml': usersFile({ username: 'alice', password: 'wonderland' }) };
  const providers = [{ name: 'staff', type: 'users', options: { file: 'users.yaml' } }];
  const program = await startProgram({ files, env, config: { providers, log: { level: 'warn' } } });
  t.after(() => program.stop());
  return program;
};

/** An API server whose new connections go to a ready replica, in turn; what is open stays where it is. */
function behindService(t: TestContext, replicas: readonly Program[]) {
  const unreadySince = new Map<Program, number>();
  let turn = 0;
  const notice = async (replica: Program): Promise<void> => {
    const { status } = await replica.readyz();
    if (status !== 200 && !unreadySince.has(replica)) unreadySince.set(replica, performance.now());
  };
  const timer = setInterval(() => {
    for (const replica of replicas) {
      void notice(replica);
    }
  }, 500);
  t.after(() => clearInterval(timer));
  const isListed = (replica: Program) => performance.now() - (unreadySince.get(replica) ?? Infinity) < NOTICED_MS;
  const port = (): number => {
    const listed = replicas.filter((replica) => !unreadySince.has(replica) || isListed(replica));
    turn += 1;
    return listed[turn % listed.length]?.webhookPort ?? 0;
  };
  const client = goClient({ port, tls: { ca: authority.cert, ...KUBE_APISERVER } });
  t.after(() => client.close());
  return client;
}

void describe('a program that is told to stop', () => {
  void it(`SIGTERM at ${PER_SECOND} requests a second: no failed request, exit 0 within 20 s`, {
    timeout: 90_000,
  }, async (t) => {
    const [leaving, staying] = [await start(t), await start(t)];
    const client = behindService(t, [leaving, staying]);
    const load = startLoad(t, client, PER_SECOND, (index) => (index % 2 === 0 ? 'alice:wonderland' : 'alice:no'));
    await waitFor('load', () => load.answers().length > PER_SECOND || undefined);
    const signalledMs = performance.now();
    leaving.signal('SIGTERM');
    await waitFor('it to be unready', async () => ((await leaving.readyz()).status === 503 ? true : undefined));
    const code = await leaving.ended(ENDS_WITHIN_MS);
    const tookMs = performance.now() - signalledMs;
    const answers = await load.stop();
    t.diagnostic(`ended after ${(tookMs / 1000).toFixed(1)} s; ${JSON.stringify(tally(answers))}`);
    assert.equal(code, 0);
    assert.ok(tookMs < ENDS_WITHIN_MS);
    assert.deepEqual(Object.keys(tally(answers)).toSorted(), ['authenticated', 'rejected']);
    assert.equal(staying.hasEnded(), false);
  });

  void it('a second signal ends it at once', async (t) => {
    const program = await start(t);
    program.signal('SIGTERM');
    await waitFor('it to drain', async () => ((await program.readyz()).status === 503 ? true : undefined));
    program.signal('SIGTERM');
    const sentMs = performance.now();
    assert.equal(await program.ended(3000), 1);
    assert.ok(performance.now() - sentMs < 2000);
    assert.equal(program.lines('stopping at once').length, 1);
  });

  void it('an uncaught error drains and exits 1, and tells where but not what', { timeout: 60_000 }, async (t) => {
    const program = await start(t, { NODE_OPTIONS: `--import=${CRASH}` });
    const client = behindService(t, [program]);
    assert.equal((await client.review('alice:wonderland')).outcome, 'authenticated');
    program.signal('SIGUSR2');
    await waitFor('it to drain', async () => ((await program.readyz()).status === 503 ? true : undefined));
    assert.equal((await client.review('alice:wonderland')).outcome, 'authenticated', 'it answers while it drains');
    assert.equal(await program.ended(), 1);
    const [line] = program.lines('uncaught error');
    assert.deepEqual([line?.level, line?.['error']], ['error', 'TypeError']);
    assert.ok(!program.output().includes('secret wonderland'));
  });
});
