// staleOnUnavailable: a good verdict outlives its TTL while its owner is down, and only then.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ldifRecord, PEOPLE } from '../rig/slapd-data.ts';
import { misbehave } from '../rig/undo.ts';
import { waitFor } from '../rig/wait.ts';
import type { Reviewed } from './support/go-client.ts';
import { startWorld, type World, worldMissing } from './support/world.ts';

const TTL_MS = 300;
const STALE_MS = 6000;
/** Both stay refusals; the second password differs, so that no budget is used up. */
const CACHE = { authenticatedTTL: `${TTL_MS}ms`, rejectedTTL: '0s', staleOnUnavailable: `${STALE_MS}ms` };

void describe('cache.staleOnUnavailable', { skip: worldMissing() }, () => {
  let world: World;
  before(async () => {
    world = await startWorld({ settings: { cache: CACHE } });
  });
  after(() => world?.stop());

  const review = (token: string, path = '/authenticate') => world.client.review(token, { path });
  const lineOf = ({ id }: Reviewed) =>
    waitFor('the log line', () => world.program.lines('review').find((line) => line['id'] === id));
  const stale = () => world.program.metric('authbroker_cache_requests_total', { result: 'stale' });
  void it('serves the owner`s verdict while it is down, says so, and asks again as soon as it is back', async (t) => {
    const first = await review('user1:pw-user1');
    await pastTtl(first.startedMs + first.tookMs);
    await misbehave(t, world.ldapWay, { kind: 'refuse' });
    const earlier = await stale();
    const during = await review('user1:pw-user1');
    assert.deepEqual([during.outcome, during.username], ['authenticated', 'ldap:user1']);
    assert.equal((await stale()) - earlier, 1);
    const line = await lineOf(during);
    assert.deepEqual([line['cache'], line['verdict'], line['provider']], ['stale', 'authenticated', 'corp-ldap']);
    assert.equal((await review('user1:wrong')).outcome, 'unavailable', 'another password has no verdict');
    await world.ldapWay.set({ kind: 'pass' });
    await waitFor('a fresh answer', async () => {
      const answer = await lineOf(await review('user1:pw-user1'));
      return answer['cache'] === 'miss' || undefined;
    });
  });

  void it('never after a refusal', async (t) => {
    const first = await review('user2:pw-user2');
    await pastTtl(first.startedMs + first.tookMs);
    const changed = { changetype: 'modify', replace: 'userPassword', userPassword: 'a new one' };
    await world.slapd.ldapmodify(ldifRecord(`uid=user2,${PEOPLE}`, changed));
    assert.equal((await review('user2:pw-user2')).outcome, 'rejected');
    await misbehave(t, world.ldapWay, { kind: 'refuse' });
    assert.equal((await review('user2:pw-user2')).outcome, 'unavailable');
  });

  void it('never past its time', async (t) => {
    await waitFor(
      'the directory',
      async () => (await review('user3:pw-user3')).outcome === 'authenticated' || undefined,
    );
    const verifiedMs = performance.now();
    await misbehave(t, world.ldapWay, { kind: 'refuse' });
    const last = await waitFor(
      'the verdict to end',
      async () => {
        const answer = await review('user3:pw-user3');
        return answer.outcome === 'unavailable' ? answer : undefined;
      },
      STALE_MS + 5000,
    );
    const agedMs = last.startedMs - verifiedMs;
    assert.ok(agedMs > TTL_MS && agedMs < TTL_MS + STALE_MS + 1000, `ended after ${agedMs} ms`);
    assert.equal((await review('user3:pw-user3')).outcome, 'unavailable');
  });

  void it('never what another endpoint, and so another provider, has said', async (t) => {
    const first = await review('alice:pw-alice', '/web');
    assert.equal(first.outcome, 'authenticated');
    await pastTtl(first.startedMs + first.tookMs);
    await misbehave(t, world.ldapWay, { kind: 'refuse' });
    assert.equal((await review('alice:pw-alice')).outcome, 'unavailable');
  });
});

/** Until the verdict is no longer fresh: asked again, it costs the upstream a question. */
function pastTtl(sinceMs: number): Promise<true> {
  return waitFor('the TTL', () => performance.now() > sinceMs + TTL_MS + 5 || undefined);
}
