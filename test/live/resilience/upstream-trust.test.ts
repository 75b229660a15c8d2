// What the broker trusts and proves upstream, changed while it runs: a CA file, and the secret of its own client.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { makeAuthority } from '../../support/certificates.ts';
import { CLIENT_ID, jsonAnswer } from '../../support/fake-authorization-server.ts';
import { waitFor } from '../rig/wait.ts';
import { type MisbehavingWorld, PASSWORD, startMisbehavingWorld, TOKEN } from './support/misbehaving-world.ts';
import { authority } from './support/program.ts';

void describe('files about upstreams that change while the program runs', () => {
  let world: MisbehavingWorld;
  before(async () => {
    world = await startMisbehavingWorld();
  });
  after(() => world?.stop());

  async function written(name: string, text: string): Promise<void> {
    const reloads = world.program.lines('configuration reloaded').length;
    world.program.write(name, text);
    await waitFor('the reload', () => world.program.lines('configuration reloaded')[reloads]);
  }
  const outcomes = async (): Promise<readonly string[]> => {
    const asked = [
      [`wanda:${PASSWORD}`, '/web'],
      [`dora:${PASSWORD}`, '/ldap'],
      [TOKEN, '/idp'],
    ] as const;
    return Promise.all(asked.map(async ([token, path]) => (await world.client.review(token, { path })).outcome));
  };
  const ALL_IN = ['authenticated', 'authenticated', 'authenticated'];

  void it('another caFile: nobody whom it does not vouch for is asked, and the right one mends it', async () => {
    assert.deepEqual(await outcomes(), ALL_IN);
    await written('ca.crt', makeAuthority('somebody else').cert);
    assert.deepEqual(await outcomes(), ['unavailable', 'unavailable', 'unavailable']);
    await waitFor('the log lines', () => {
      const lines = world.program.lines('review').filter((line) => line['reason'] === 'tls-failed');
      return lines.length === 3 || undefined;
    });
    await written('ca.crt', authority.cert);
    assert.deepEqual(await outcomes(), ALL_IN);
  });

  void it('another client secret is what the issuer sees from then on', async () => {
    const seen: string[] = [];
    world.setHttp(({ headers }) => {
      // RFC 6749 §2.3.1: both parts are form-encoded first.
      seen.push(decodeURIComponent(Buffer.from((headers.authorization ?? '').slice(6), 'base64').toString()));
      return jsonAnswer({ active: true, sub: '1', username: 'ida' });
    });
    await written('client-secret', 'rotated-Qx7\n');
    assert.equal((await world.client.review(TOKEN, { path: '/idp' })).outcome, 'authenticated');
    assert.ok(seen.includes(`${CLIENT_ID}:rotated-Qx7`), JSON.stringify(seen));
    world.setHttp(undefined);
  });
});
