// Two directory servers: logins go on while the first is frozen or gone, and return to it afterwards.

import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { type FaultyProxy, startFaultyProxy } from '../rig/faults.ts';
import { makePki } from '../rig/pki.ts';
import { type Slapd, slapdMissing, startSlapd } from '../rig/slapd.ts';
import { temporaryFolder } from '../rig/temp.ts';
import { misbehave } from '../rig/undo.ts';
import { waitFor } from '../rig/wait.ts';
import { ldapProvider, secretsOf } from '../support/broker-providers.ts';
import type { GoClient } from './support/go-client.ts';
import { type Load, slowestMs, startLoad, tally } from './support/load.ts';
import { type Program, startProgram } from './support/program.ts';
import { apiServerOf } from './support/world.ts';

const DEADLINE_MS = 5000;

void describe('failover across urls', { skip: slapdMissing() }, () => {
  let servers: readonly Slapd[];
  let way: FaultyProxy;
  let program: Program;
  let client: GoClient;
  before(async () => {
    const pki = makePki(temporaryFolder('pki'));
    const [first, second] = await Promise.all([startSlapd({ pki, users: 50 }), startSlapd({ pki, users: 50 })]);
    servers = [first, second];
    way = await startFaultyProxy(first.ldapsPort);
    const options = { urls: [`ldaps://127.0.0.1:${way.port}`, second.ldapsUrl] };
    const entry = ldapProvider(first);
    const merged = { ...entry, options: { ...('options' in entry ? Object(entry.options) : {}), ...options } };
    program = await startProgram({
      config: { providers: [merged], cache: { authenticatedTTL: '0s', rejectedTTL: '0s' } },
      env: secretsOf(),
    });
    client = apiServerOf(program);
  });
  after(async () => {
    client?.close();
    await program?.stop();
    await way?.stop();
    await Promise.all((servers ?? []).map((server) => server.stop()));
  });

  const load = (t: TestContext): Load => startLoad(t, client, 40, (index) => `user${index % 50}:pw-user${index % 50}`);
  const faults = [
    { name: 'hangs', fault: { kind: 'hang' } },
    { name: 'refuses connections', fault: { kind: 'refuse' } },
    { name: 'drips one byte a second', fault: { kind: 'drip', everyMs: 1000 } },
    { name: 'resets every answer', fault: { kind: 'reset', afterBytes: 20 } },
  ] as const;
  for (const { name, fault } of faults) {
    void it(`the first server ${name}: logins go on with the second, none refused, none late`, async (t) => {
      const running = load(t);
      const beganMs = performance.now();
      await waitFor('logins', () => authenticatedSince(running, beganMs) >= 20 || undefined);
      await misbehave(t, way, fault);
      const brokenMs = performance.now();
      // Whatever was under way with the first server may have to say that it could not tell.
      await waitFor('40 logins in a row', () => {
        const latest = running
          .answers()
          .filter(({ startedMs }) => startedMs > brokenMs)
          .slice(-40);
        return (latest.length === 40 && latest.every(({ outcome }) => outcome === 'authenticated')) || undefined;
      });
      await way.set({ kind: 'pass' });
      const answers = await running.stop();
      t.diagnostic(`${JSON.stringify(tally(answers))}, slowest ${Math.round(slowestMs(answers))} ms`);
      assert.ok(slowestMs(answers) < DEADLINE_MS);
      assert.ok(!('rejected' in tally(answers)) && !('failed' in tally(answers)), JSON.stringify(tally(answers)));
      // Tried again at most every 5 s while the second one does its work.
      const again = load(t);
      const connections = way.connections();
      await waitFor('the first server to be used again', () => way.connections() > connections || undefined);
      await again.stop();
    });
  }
});

function authenticatedSince(running: Load, sinceMs: number): number {
  return running.answers().filter(({ startedMs, outcome }) => startedMs > sinceMs && outcome === 'authenticated')
    .length;
}
