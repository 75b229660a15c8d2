// A provider that hangs costs the others nothing: both phases measured in turn in one run, compared by their medians and their best rounds.

import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { freeze } from '../rig/undo.ts';
import { waitFor } from '../rig/wait.ts';
import { percentile, startLoad, tally } from './support/load.ts';
import { startWorld, type World, worldMissing } from './support/world.ts';

const ROUNDS = 6;
const SECONDS = 2.5;
/** Of the provider that is measured, and of the one that hangs. */
const RATES = { web: 80, directory: 25 };
/** Below this, two measurements of the very same thing differ by more on a shared machine. */
const NOISE_MS = 2;

interface Round {
  readonly p99Ms: number;
  readonly p50Ms: number;
  /** Where the machine itself comes to a halt for a moment, lookups time out whatever hangs. */
  readonly unavailableShare: number;
}

void describe('a hung directory', { skip: worldMissing() }, () => {
  let world: World;
  before(async () => {
    world = await startWorld({ settings: { cache: { authenticatedTTL: '0s', rejectedTTL: '0s' } } });
  });
  after(() => world?.stop());

  async function measure(t: TestContext): Promise<Round> {
    const { client } = world;
    const directory = startLoad(t, client, RATES.directory, (index) => `user${index % 50}:pw-user${index % 50}`);
    const web = startLoad(
      t,
      { ...client, review: (token) => client.review(token, { path: '/web' }) },
      RATES.web,
      () => 'alice:pw-alice',
    );
    const wanted = RATES.web * SECONDS;
    await waitFor(`${wanted} answers`, () => web.answers().length >= wanted || undefined, 30_000);
    const answers = await web.stop();
    await directory.stop();
    const { authenticated = 0, unavailable = 0, ...others } = tally(answers);
    assert.deepEqual(others, {});
    const times = answers.map(({ tookMs }) => tookMs);
    const unavailableShare = unavailable / (authenticated + unavailable);
    return { p99Ms: percentile(times, 0.99), p50Ms: percentile(times, 0.5), unavailableShare };
  }

  void it('leaves the p99 of another provider within 20 %', { timeout: 240_000 }, async (t) => {
    const { slapd, program } = world;
    const healthy: Round[] = [];
    const hung: Round[] = [];
    await measure(t);
    for (let round = 0; round < ROUNDS; round += 1) {
      /* oxlint-disable no-await-in-loop -- the phases alternate */
      healthy.push(await measure(t));
      freeze(t, slapd);
      hung.push(await measure(t));
      assert.equal((await program.metric('authbroker_provider_circuit_state', { provider: 'corp-ldap' })) >= 1, true);
      slapd.resume();
      await waitFor('the directory to be back', async () => {
        const { outcome } = await world.client.review('user0:pw-user0');
        return outcome === 'authenticated' || undefined;
      });
      /* oxlint-enable no-await-in-loop */
    }
    const median = (rounds: readonly Round[], key: keyof Round) =>
      percentile(
        rounds.map((one) => one[key]),
        0.5,
      );
    const [before99, during99] = [median(healthy, 'p99Ms'), median(hung, 'p99Ms')];
    t.diagnostic(`rounds healthy p99 ${healthy.map(({ p99Ms }) => p99Ms.toFixed(1)).join(' ')} ms`);
    t.diagnostic(`rounds hung    p99 ${hung.map(({ p99Ms }) => p99Ms.toFixed(1)).join(' ')} ms`);
    t.diagnostic(
      `medians: p99 ${before99.toFixed(1)} → ${during99.toFixed(1)} ms (ratio ${(during99 / before99).toFixed(2)})`,
    );
    t.diagnostic(`medians: p50 ${median(healthy, 'p50Ms').toFixed(1)} → ${median(hung, 'p50Ms').toFixed(1)} ms`);
    const [shed, shedDuring] = [median(healthy, 'unavailableShare'), median(hung, 'unavailableShare')];
    assert.ok(shedDuring <= shed + 0.01, `unavailable: ${shed} of all, and ${shedDuring} while it hung`);
    // A neighbour on this machine disturbs one or the other; what the hung directory costs would show in both.
    const [best, bestDuring] = [healthy, hung].map((rounds) => Math.min(...rounds.map(({ p99Ms }) => p99Ms)));
    assert.ok(!isDearer(before99, during99) || !isDearer(best, bestDuring), `p99 ${before99} ms became ${during99} ms`);
  });
});

function isDearer(was = 0, is = 0): boolean {
  return is > was * 1.2 + NOISE_MS;
}
