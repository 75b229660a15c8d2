// What people see who bring a JWT of Keycloak or oidc-provider to a kube-apiserver that asks the broker.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { parseJwt } from '../../../src/core/jwt.ts';
import type { PasswordGrant } from '../rig/keycloak.ts';
import { KEYCLOAK_CLIENTS, SHORT_CLIENT } from '../rig/keycloak-data.ts';
import { takeDown } from '../rig/undo.ts';
import { waitFor } from '../rig/wait.ts';
import { LOGGED_OUT, type UserInfo } from './broker-world.ts';
import { type OpenidWorld, openidWorldMissing, startOpenidWorld } from './openid-world.ts';

void describe('kubectl with the JWT of an OpenID provider', { skip: openidWorldMissing() }, () => {
  let world: OpenidWorld;
  before(async () => {
    world = await startOpenidWorld();
  });
  after(() => world?.stop());

  const tokenOf = async (wanted: PasswordGrant) => (await world.keycloak.passwordGrant(wanted)).access_token;
  const answerOf = async (token: string) => (await world.broker.review(token)).status;
  const isGood = async (token: string) => (await answerOf(token)).authenticated;

  void it('of Keycloak is exactly its person', async () => {
    const token = await tokenOf({ username: 'alice' });
    const groups = ['kc:devs', 'kc:eng', 'system:authenticated'];
    assert.deepEqual(gist(await world.whoami(token)), ['kc:alice', claim(token, 'sub'), groups]);
    const jürgen = await world.whoami(await tokenOf({ username: 'jürgen' }));
    assert.deepEqual(gist(jürgen).flat().toSorted().slice(-2), ['kc:jürgen', 'system:authenticated']);
    const mallory = await world.whoami(await tokenOf({ username: 'mallory' }));
    assert.deepEqual(gist(mallory)[2], ['kc:devs', 'kc:system:masters', 'system:authenticated']);
  });

  void it('of a machine, by client credentials, is exactly that machine', async () => {
    const { access_token: token } = await world.keycloak.clientGrant();
    const want = ['kc:service-account-robot', claim(token, 'sub'), ['system:authenticated']];
    assert.deepEqual(gist(await world.whoami(token)), want);
  });

  void it('of oidc-provider is exactly its person, and again after its keys were replaced under the same kid', async (t) => {
    const wanted = { username: 'alice', resource: 'urn:itest:jwt' } as const;
    const want = ['op:alice', 'alice', ['op:devs', 'op:eng', 'system:authenticated']];
    assert.deepEqual(gist(await world.whoami(await world.openid.token(wanted))), want);
    await takeDown(t, world.openid);
    await world.openid.start();
    assert.deepEqual(gist(await world.whoami(await world.openid.token(wanted))), want);
  });

  void it('that is meant for somebody else, an ID token, or over, is no login', async () => {
    const { id_token: idToken = '' } = await world.keycloak.passwordGrant({ username: 'alice' });
    const short = await tokenOf({ username: 'alice', client: SHORT_CLIENT });
    for (const token of [await tokenOf({ username: 'alice', client: KEYCLOAK_CLIENTS.elsewhere }), idToken]) {
      // oxlint-disable-next-line no-await-in-loop -- one login after the other
      assert.equal(await world.whoami(token), LOGGED_OUT);
    }
    await waitFor('the token to expire', () => Number(claim(short, 'exp')) * 1000 < Date.now() || undefined);
    assert.equal(await world.whoami(short), LOGGED_OUT);
  });

  void it('keeps working while keys are rotated under load: no review fails', async () => {
    const grants = await Promise.all(Array.from({ length: 10 }, () => world.keycloak.clientGrant()));
    const earlier = grants.map(({ access_token: token }) => token);
    const reviews: string[] = [];
    const kids = new Set<unknown>();
    const review = async () => {
      const { access_token: token } = await world.keycloak.clientGrant();
      const { authenticated, error = '' } = await answerOf(token);
      reviews.push(`${authenticated} ${error}`);
      kids.add(parseJwt(token)?.header['kid']);
    };
    const rotated = world.keycloak.rotateKeys();
    // oxlint-disable-next-line no-await-in-loop -- one after the other is the load
    for (let at = 0; at < 1000 && kids.size < 2; at += 1) await review();
    assert.ok(kids.has(await rotated), 'the new key signs');
    await Promise.all(Array.from({ length: 20 }, review));
    assert.deepEqual(
      await Promise.all(earlier.map(isGood)),
      earlier.map(() => true),
      'the replaced key is still published',
    );
    await world.keycloak.dropOldKeys();
    await Promise.all(Array.from({ length: 10 }, review));
    assert.deepEqual([...new Set(reviews)], ['true '], `${reviews.length} reviews`);
  });

  void it('keeps working while Keycloak is down, and so do the tokens it gives when it is back', async (t) => {
    const token = await tokenOf({ username: 'carol' });
    await takeDown(t, world.keycloak);
    assert.equal(gist(await world.whoami(token))[0], 'kc:carol');
    await world.keycloak.start();
    assert.equal(gist(await world.whoami(await tokenOf({ username: 'carol' })))[0], 'kc:carol');
  });

  void it('is the same person by introspection, which reads lightweight ones too; who is disabled is out there at once', async (t) => {
    const [token, other] = [await tokenOf({ username: 'carol' }), await tokenOf({ username: 'carol' })];
    const light = () => tokenOf({ username: 'carol', client: KEYCLOAK_CLIENTS.lightweight });
    const verified = await world.whoami(token);
    assert.equal(gist(verified)[0], 'kc:carol');
    assert.equal(await world.whoami(await light()), LOGGED_OUT, 'it names nobody');
    t.after(() => world.keycloak.setEnabled('carol', true));
    await world.keycloak.setEnabled('carol', false);
    assert.deepEqual(gist(await world.whoami(other)), gist(verified));
    await world.broker.reload({ providers: world.providers.introspects });
    assert.equal(await isGood(token), false);
    await world.keycloak.setEnabled('carol', true);
    const again = await tokenOf({ username: 'carol' });
    assert.deepEqual(gist(await world.whoami(again)), gist(verified));
    assert.deepEqual(gist(await world.whoami(await light())), gist(verified));
  });
});

/** Username, uid and groups in order. */
function gist(who: UserInfo | string): readonly [string, string, readonly string[]] {
  return typeof who === 'string' ? [who, '', []] : [who.username, who.uid, who.groups.toSorted()];
}

function claim(token: string, name: string): string {
  const value = parseJwt(token)?.claims[name];
  return typeof value === 'number' ? value.toFixed(0) : typeof value === 'string' ? value : '';
}
