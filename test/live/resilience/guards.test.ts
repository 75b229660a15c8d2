// A provider that hangs or is gone: answered in time, left alone, tried by one review at a time, back within seconds.

import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { freeze, misbehave } from '../rig/undo.ts';
import { waitFor } from '../rig/wait.ts';
import { type Load, percentile, type Sent, slowestMs, startLoad, tally } from './support/load.ts';
import { startWorld, type World, worldMissing } from './support/world.ts';

const DEADLINE_MS = 5000;
const RECOVERS_WITHIN_MS = 5000;
/** Without a cache every review needs the upstream, so that each answer tells how it fares. */
const UNCACHED = { cache: { authenticatedTTL: '0s', rejectedTTL: '0s' } };

const OPEN = 2;

void describe('a provider in trouble', { skip: worldMissing() }, () => {
  let world: World;
  before(async () => {
    world = await startWorld({ settings: UNCACHED });
  });
  after(() => world?.stop());

  const circuitOf = (provider: string) => world.program.metric('authbroker_provider_circuit_state', { provider });
  const isOpen = async () => ((await circuitOf('corp-ldap')) === OPEN ? true : undefined);
  const directoryLoad = (t: TestContext, perSecond: number): Load =>
    startLoad(t, world.client, perSecond, (index) => `user${index % 50}:pw-user${index % 50}`);
  void it('frozen under load: no answer late, none a refusal, at once while the circuit is open, back in 5 s', async (t) => {
    const { slapd, program } = world;
    const load = directoryLoad(t, 60);
    await authenticated(load, 0);
    freeze(t, slapd);
    const frozenAtMs = performance.now();
    await waitFor('the circuit to open', isOpen);
    const openedAtMs = performance.now();
    const { status, text } = await program.readyz();
    assert.equal(status, 200, 'an upstream that is down makes no replica unready');
    assert.match(
      text,
      /^\[-\]provider\/corp-ldap failed: timeout: .* circuit (?:open|half-open) \(degraded, still ready\)$/m,
    );
    await waitFor('200 answers of the open circuit', () =>
      load.answers().filter(({ startedMs }) => startedMs > openedAtMs).length >= 200 ? true : undefined,
    );
    const thawedAtMs = performance.now();
    slapd.resume();
    const first = await authenticated(load, thawedAtMs);
    const recoveredMs = first.startedMs - thawedAtMs;
    await waitFor('the circuit to close', async () => ((await circuitOf('corp-ldap')) === 0 ? true : undefined));
    const answers = await load.stop();
    const whileOpen = answers.filter(({ startedMs }) => startedMs > openedAtMs && startedMs < thawedAtMs);
    const medianMs = percentile(
      whileOpen.map(({ tookMs }) => tookMs),
      0.5,
    );
    t.diagnostic(
      `opened after ${Math.round(openedAtMs - frozenAtMs)} ms, recovered after ${Math.round(recoveredMs)} ms`,
    );
    t.diagnostic(`median while open ${medianMs.toFixed(1)} ms, slowest answer ${Math.round(slowestMs(answers))} ms`);
    t.diagnostic(JSON.stringify(tally(answers)));
    assert.deepEqual(Object.keys(tally(answers)).toSorted(), ['authenticated', 'unavailable']);
    assert.ok(slowestMs(answers) < DEADLINE_MS, `one answer took ${slowestMs(answers)} ms`);
    assert.ok(medianMs < 100, `answers of an open circuit took ${medianMs} ms`);
    assert.ok(recoveredMs < RECOVERS_WITHIN_MS, `back after ${recoveredMs} ms`);
  });

  void it('one probe at a time while the circuit is open, whatever is asked', async (t) => {
    const { ldapWay } = world;
    await misbehave(t, ldapWay, { kind: 'hang' });
    ldapWay.resetAll();
    const load = directoryLoad(t, 60);
    await waitFor('the circuit to open', isOpen);
    await waitFor('what was under way to end', () => (ldapWay.openConnections() <= 1 ? true : undefined));
    const [earlier, beganMs] = [ldapWay.connections(), performance.now()];
    let most = 0;
    await waitFor('three probes', () => {
      most = Math.max(most, ldapWay.openConnections());
      return ldapWay.connections() >= earlier + 3 || undefined;
    });
    const perSecond = (ldapWay.connections() - earlier) / ((performance.now() - beganMs) / 1000);
    await ldapWay.set({ kind: 'pass' });
    ldapWay.resetAll();
    await authenticated(load, performance.now());
    await load.stop();
    assert.ok(most <= 1, `${most} probes at once`);
    assert.ok(perSecond <= 1.5, `${perSecond} probes a second`);
  });

  void it('a connection on which an answer is due after its deadline is closed, never used again', async (t) => {
    const { ldapWay, client } = world;
    await client.review('user1:pw-user1');
    await misbehave(t, ldapWay, { kind: 'delay', delayMs: 3500 });
    const { outcome } = await client.review('user2:wrong');
    assert.equal(outcome, 'unavailable');
    await ldapWay.set({ kind: 'pass' });
    await waitFor('the connections in doubt to close', () => (ldapWay.openConnections() <= 1 ? true : undefined));
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        client.review(`user${index}:${index % 2 ? 'wrong' : `pw-user${index}`}`),
      ),
    );
    answers.forEach(({ outcome: got }, index) => assert.equal(got, index % 2 ? 'rejected' : 'authenticated'));
  });

  void it('a web upstream that is stopped and started again is back in 5 s, and its circuit shows it', async (t) => {
    const { webWay, client, program } = world;
    const load = startLoad(
      t,
      { ...client, review: (token) => client.review(token, { path: '/web' }) },
      40,
      () => 'alice:pw-alice',
    );
    await authenticated(load, 0);
    await misbehave(t, webWay, { kind: 'refuse' });
    await waitFor('the circuit to open', async () => ((await circuitOf('partners')) === OPEN ? true : undefined));
    assert.match((await program.readyz()).text, /^\[-\]provider\/partners failed: connection-refused: .* circuit /m);
    assert.equal(await program.metric('authbroker_provider_up', { provider: 'partners' }), 0);
    await webWay.set({ kind: 'pass' });
    const startedMs = performance.now();
    const first = await authenticated(load, startedMs);
    const answers = await load.stop();
    assert.ok(first.startedMs - startedMs < RECOVERS_WITHIN_MS);
    assert.deepEqual(Object.keys(tally(answers)).toSorted(), ['authenticated', 'unavailable']);
    assert.match((await program.readyz()).text, /^\[\+\]provider\/partners ok$/m);
  });

  void it('refusals open no circuit, however many there are', async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => world.client.review(`user${index}:never right`)),
    );
    assert.deepEqual(tally(answers), { rejected: 50 });
    assert.equal(await circuitOf('corp-ldap'), 0);
  });
});

function authenticated(load: Load, sinceMs: number): Promise<Sent> {
  return waitFor('a login', () =>
    load.answers().find((one) => one.startedMs > sinceMs && one.outcome === 'authenticated'),
  );
}
