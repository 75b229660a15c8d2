// How a broker process ends: what it still answers, and that it is gone as soon as nobody needs it.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startFaultyProxy } from '../rig/faults.ts';
import { makePki, type Pki } from '../rig/pki.ts';
import { type Slapd, slapdMissing, startSlapd } from '../rig/slapd.ts';
import { temporaryFolder } from '../rig/temp.ts';
import { waitFor } from '../rig/wait.ts';
import { type Broker, startBroker } from '../support/broker.ts';
import { ldapProvider, secretsOf } from '../support/broker-providers.ts';
import { outcomeOf } from '../support/review.ts';

/** Less than the longest part of a drain, so that a process that only waits for its own timers is found out. */
const ENDS_WITHIN_MS = 3000;

void describe('a broker that is told to stop', { skip: slapdMissing() }, () => {
  let pki: Pki;
  let slapd: Slapd;
  before(async () => {
    pki = makePki(temporaryFolder('pki'));
    slapd = await startSlapd({ pki, users: 10 });
  });
  after(() => slapd?.stop());

  const start = (ldapsUrl = slapd.ldapsUrl): Promise<Broker> =>
    startBroker({ pki, providers: [ldapProvider({ ...slapd, ldapsUrl })], env: secretsOf() });

  void it('ends as soon as its last connection is gone, and starts again on the same ports', async (t) => {
    const broker = await start();
    t.after(() => broker.stop());
    await broker.term();
    const [stopped] = broker.lines('stopped');
    const sinceMs = Date.now() - Date.parse(String(stopped?.['time']));
    assert.ok(sinceMs < ENDS_WITHIN_MS, `ended ${sinceMs} ms after it had nothing left to do`);
    await broker.start();
    assert.equal(outcomeOf(await broker.review('user0:pw-user0')), 'authenticated');
  });

  void it('answers what it was asked before, and goes on answering while it is being taken out of service', async (t) => {
    const proxy = await startFaultyProxy(slapd.ldapsPort);
    const broker = await start(`ldaps://127.0.0.1:${proxy.port}`);
    t.after(async () => {
      await broker.stop();
      await proxy.stop();
    });
    assert.equal(outcomeOf(await broker.review('user1:pw-user1')), 'authenticated');
    await proxy.set({ kind: 'delay', delayMs: 200 });
    const connections = proxy.connections();
    const asked = broker.review('user2:pw-user2');
    await waitFor(
      'the directory to be asked',
      () => (proxy.sentByClients().length > 0 && connections > 0) || undefined,
    );
    const ended = broker.term();
    await waitFor('the broker to be unready', async () => ((await broker.readyz()).status === 503 ? true : undefined));
    assert.match((await broker.readyz()).text, /\[-\]shutdown failed: draining/);
    assert.equal(outcomeOf(await asked), 'authenticated');
    assert.equal(outcomeOf(await broker.review('user3:pw-user3')), 'authenticated');
    await ended;
  });
});
