// Upstreams that misbehave in every manner known, through the whole program: the documented verdict, in time, in little memory.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { spellingsIn } from '../../support/sinks.ts';
import { waitFor } from '../rig/wait.ts';
import { httpManners, ldapManners } from './support/misbehaving.ts';
import { type MisbehavingWorld, PASSWORD, startMisbehavingWorld, TOKEN } from './support/misbehaving-world.ts';

/** The provider's own time, and what a busy machine may add. */
const WITHIN_MS = 4000;
const MIB = 1_048_576;

const HTTP_REASONS: Readonly<Record<string, string>> = {
  'hangs after accepting': 'timeout',
  'sends one byte a second': 'timeout',
  'never ends its body': 'oversize-answer',
  'sends 100 MB': 'oversize-answer',
  'sends a gzip bomb': 'malformed-answer',
  'resets in the middle of its answer': 'connection-failed',
  'sends 100 KiB of headers': 'oversize-answer',
  'redirects with 301': 'redirected',
  'redirects with 302': 'redirected',
  'redirects with 303': 'redirected',
  'redirects with 307': 'redirected',
  'redirects with 308': 'redirected',
};
const LDAP_REASONS: Readonly<Record<string, string>> = {
  'hangs after accepting': 'timeout',
  'drops the connection in the middle': 'connection-failed',
  'sends lengths that lie about the message': 'oversize-answer',
  'sends lengths that lie about an entry': 'malformed-answer',
  'answers another message id': 'malformed-answer',
  'answers with a referral': 'referral',
  'returns 50,000 entries': 'oversize-answer',
};

void describe('an upstream that misbehaves', () => {
  let world: MisbehavingWorld;
  before(async () => {
    world = await startMisbehavingWorld();
  });
  after(() => world?.stop());

  async function expects(path: string, reason: string): Promise<void> {
    const answer = await world.client.review(tokenFor(path), { path });
    const line = await waitFor('the log line', () => world.program.lines('review').find(({ id }) => id === answer.id));
    assert.deepEqual([answer.outcome, line['reason']], ['unavailable', reason]);
    assert.ok(answer.tookMs < WITHIN_MS, `took ${answer.tookMs} ms`);
  }

  const isBelievedAgain = async (path: string): Promise<void> => {
    const { outcome } = await world.client.review(tokenFor(path), { path });
    assert.equal(outcome, 'authenticated', 'nothing of it is remembered');
  };

  for (const path of ['/web', '/idp']) {
    for (const [name, reason] of Object.entries(HTTP_REASONS)) {
      void it(`${path}: ${name}: ${reason}`, async () => {
        world.setHttp(httpManners(world.thief.url)[name]);
        await expects(path, reason);
        world.setHttp(undefined);
        await isBelievedAgain(path);
      });
    }
  }
  for (const [name, reason] of Object.entries(LDAP_REASONS)) {
    void it(`/ldap: ${name}: ${reason}`, async () => {
      world.directory.setScript(ldapManners[name]);
      await expects('/ldap', reason);
      world.directory.setScript(undefined);
      await isBelievedAgain('/ldap');
    });
  }

  void it('/forged: bytes in clear behind the answer to StartTLS: tls-failed, and no password is sent', async () => {
    await expects('/forged', 'tls-failed');
    assert.deepEqual(world.forged.binds, []);
  });

  void it('a certificate of another name, an expired one, a stranger`s, and TLS 1.0: tls-failed', async () => {
    for (const path of world.untrusted) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await expects(path, 'tls-failed');
    }
    assert.equal(world.untrusted.length, 12);
  });

  void it('/idp: 200 and HTML for everything, as a captive portal: malformed-answer', async () => {
    world.setHttp(httpManners(world.thief.url)['says 200 to everything, as a captive portal']);
    await expects('/idp', 'malformed-answer');
    world.setHttp(undefined);
  });

  void it('no redirect took a credential along, memory is bounded, and no secret was written down', async (t) => {
    assert.deepEqual(world.thief.thefts(), []);
    const rssMiB = (await world.program.metric('process_resident_memory_bytes')) / MIB;
    t.diagnostic(`${rssMiB.toFixed(0)} MiB`);
    assert.ok(rssMiB <= 256, `${rssMiB} MiB`);
    const written = world.program.output() + (await world.program.scrape());
    for (const secret of [PASSWORD, TOKEN]) assert.deepEqual(spellingsIn(written, secret), []);
  });
});

function tokenFor(path: string): string {
  if (path.startsWith('/idp')) return TOKEN;
  return path.startsWith('/ldap') || path === '/forged' ? `dora:${PASSWORD}` : `wanda:${PASSWORD}`;
}
