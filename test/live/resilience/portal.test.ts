// A web upstream behind which somebody put a captive portal: 200 for everything lets nobody in.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { waitFor } from '../rig/wait.ts';
import { httpManners } from './support/misbehaving.ts';
import { PASSWORD, startMisbehavingWorld } from './support/misbehaving-world.ts';

void describe('a captive portal before the upstream', () => {
  void it('is found out by the canary before anybody is believed, is said loudly, and is shown', async (t) => {
    const world = await startMisbehavingWorld();
    t.after(() => world.stop());
    const { program, client } = world;
    const review = () => client.review(`wanda:${PASSWORD}`, { path: '/portal' });
    assert.equal((await review()).outcome, 'authenticated');
    world.setHttp(httpManners(world.thief.url)['says 200 to everything, as a captive portal']);
    // A new start of the provider, as after a change of its file.
    program.signal('SIGHUP');
    await waitFor('the reload', () => program.lines('configuration reloaded')[0]);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => client.review(`wanda:${index}`, { path: '/portal' })),
    );
    assert.deepEqual([...new Set(answers.map(({ outcome }) => outcome))], ['unavailable']);
    assert.equal((await review()).outcome, 'unavailable');
    assert.match((await program.readyz()).text, /^\[-\]provider\/portal failed: accepts-anything: /m);
    assert.equal(
      program.lines().filter(({ level, msg }) => level === 'error' && msg.includes('accepts a random credential'))
        .length,
      1,
    );
  });
});
