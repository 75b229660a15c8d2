// Proves that the real Keycloak of the rig does what the live tests rely on, before a broker is blamed for anything.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { parseJwt } from '../../../src/core/jwt.ts';
import { type Keycloak, keycloakMissing, startKeycloak } from './keycloak.ts';
import { KEYCLOAK_AUDIENCE, KEYCLOAK_CLIENTS } from './keycloak-data.ts';
import { makePki } from './pki.ts';
import { temporaryFolder } from './temp.ts';

void describe('Keycloak', { skip: keycloakMissing() }, () => {
  let keycloak: Keycloak;
  before(async () => {
    keycloak = await startKeycloak({ pki: makePki(temporaryFolder('pki')) });
  });
  after(() => keycloak.stop());

  void test('a password becomes a token with groups and an audience', async () => {
    const { access_token: token, id_token: idToken } = await keycloak.passwordGrant({ username: 'alice' });
    const { iss, aud, groups, preferred_username: name } = claimsOf(token);
    assert.deepEqual([iss, name, sorted(groups)], [keycloak.issuer, 'alice', ['devs', 'eng']]);
    assert.ok([aud].flat().includes(KEYCLOAK_AUDIENCE), JSON.stringify(aud));
    assert.equal(claimsOf(idToken ?? '')['aud'], KEYCLOAK_CLIENTS.kubectl.id);
  });

  void test('names and passwords beyond ASCII work; a wrong password does not', async () => {
    const { access_token: token } = await keycloak.passwordGrant({ username: 'jürgen' });
    assert.deepEqual(claimsOf(token)['groups'], ['Böb 東京, (R\\D)']);
    await assert.rejects(keycloak.passwordGrant({ username: 'alice', password: 'wrong' }), /400.*invalid_grant/);
  });

  void test('a lightweight token has the audience, and neither sub nor groups', async () => {
    const token = await keycloak.passwordGrant({ username: 'alice', client: KEYCLOAK_CLIENTS.lightweight });
    const { aud, groups, sub } = claimsOf(token.access_token);
    assert.deepEqual([sorted(aud), groups, sub], [AUDIENCES, undefined, undefined]);
  });

  void test('a machine has a token of its own', async () => {
    const { access_token: token } = await keycloak.clientGrant();
    assert.equal(claimsOf(token)['preferred_username'], 'service-account-robot');
  });

  void test('a key that is rotated in signs, and a disabled person gets no token', async (t) => {
    const kid = await keycloak.rotateKeys();
    const { access_token: token } = await keycloak.passwordGrant({ username: 'carol' });
    assert.equal(parseJwt(token)?.header['kid'], kid);
    await keycloak.dropOldKeys();
    t.after(() => keycloak.setEnabled('carol', true));
    await keycloak.setEnabled('carol', false);
    await assert.rejects(keycloak.passwordGrant({ username: 'carol' }), /400.*invalid_grant/);
  });
});

const AUDIENCES = [KEYCLOAK_CLIENTS.broker.id, KEYCLOAK_AUDIENCE].toSorted();

function claimsOf(token: string): Readonly<Record<string, unknown>> {
  return parseJwt(token)?.claims ?? {};
}

function sorted(list: unknown): unknown {
  return Array.isArray(list) ? list.map(String).toSorted() : list;
}
