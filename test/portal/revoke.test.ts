// `GET /whoami` and `POST /revoke`: what the owner of a token can ask and do.

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, test } from 'node:test';
import { ALICE, ED25519, goodClaims, HOUR_MS, handmade, judged, minted, revocationsPath } from '../issuer/setup.ts';
import { basic, bearerHeader, json, startPortal } from './setup.ts';

const BAD: readonly { name: string; headers: Record<string, string> }[] = [
  { name: 'none', headers: {} },
  { name: 'garbage', headers: bearerHeader('garbage') },
  { name: 'a password', headers: basic('alice', 'wonderland') },
  { name: 'a token of somebody else', headers: bearerHeader('eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJ4In0.c2ln') },
  { name: 'alg none', headers: bearerHeader(handmade({ alg: 'none', kid: 'ed' }, goodClaims(Date.now()), '')) },
];

void describe('GET /whoami', () => {
  void test('says who the token is, and until when', async (t) => {
    const portal = await startPortal(t);
    const { token } = await minted(portal.issuer);
    const answer = await portal.ask('/whoami', { headers: bearerHeader(token) });
    assert.deepEqual([answer.status, json(answer)], [200, { ...ALICE, expirationTimestamp: '2030-01-01T01:00:00Z' }]);
  });

  for (const { name, headers } of BAD) {
    void test(`is 401 for ${name}`, async (t) => {
      const answer = await (await startPortal(t)).ask('/whoami', { headers });
      assert.deepEqual([answer.status, json(answer)], [401, { error: 'the token is not good' }]);
      assert.match(String(answer.headers['www-authenticate']), /^Bearer /);
    });
  }

  void test('is 401 once the token has ended', async (t) => {
    const portal = await startPortal(t);
    const { token } = await minted(portal.issuer);
    portal.clock.step(HOUR_MS);
    assert.equal((await portal.ask('/whoami', { headers: bearerHeader(token) })).status, 401);
  });

  void test('is 503 while nobody can tell what is revoked', async (t) => {
    const revocationsFile = revocationsPath(t);
    const portal = await startPortal(t, { issuer: { revocationsFile } });
    const { token } = await minted(portal.issuer);
    mkdirSync(dirname(revocationsFile), { recursive: true });
    writeFileSync(revocationsFile, '- {');
    assert.equal((await portal.ask('/whoami', { headers: bearerHeader(token) })).status, 503);
    const revoke = await portal.ask('/revoke', { method: 'POST', headers: bearerHeader(token) });
    assert.equal(revoke.status, 503);
  });
});

void describe('POST /revoke', () => {
  void test('ends this token and no other, and says who did it in the log', async (t) => {
    const portal = await startPortal(t, { issuer: { revocationsFile: revocationsPath(t) } });
    const [one, two] = await Promise.all([minted(portal.issuer), minted(portal.issuer)]);
    const post = { method: 'POST', headers: bearerHeader(one.token) };
    const answer = await portal.ask('/revoke', post);
    assert.deepEqual([answer.status, answer.text, answer.headers['cache-control']], [204, '', 'no-store']);
    assert.equal(await judged(portal.issuer, one.token), 'rejected revoked-token');
    assert.equal(await judged(portal.issuer, two.token), 'authenticated');
    const want = { id: 'review-1', result: 'revoked', username: ALICE.username, jti: one.id, detail: undefined };
    assert.deepEqual(portal.revoked, [want]);
    assert.equal((await portal.ask('/revoke', post)).status, 204, 'once more changes nothing');
    assert.equal(portal.revoked.length, 1);
    assert.equal((await portal.ask('/whoami', { headers: bearerHeader(one.token) })).status, 401);
  });

  for (const { name, headers } of BAD) {
    void test(`is 401 for ${name}`, async (t) => {
      const portal = await startPortal(t, { issuer: { revocationsFile: revocationsPath(t) } });
      assert.equal((await portal.ask('/revoke', { method: 'POST', headers })).status, 401);
      assert.deepEqual(portal.revoked, []);
    });
  }

  void test('is 501 where nothing can be kept', async (t) => {
    const portal = await startPortal(t);
    const { token } = await minted(portal.issuer);
    assert.equal((await portal.ask('/revoke', { method: 'POST', headers: bearerHeader(token) })).status, 501);
  });

  void test('is 503 when it was not kept, and the token is still good', async (t) => {
    const file = revocationsPath(t);
    const portal = await startPortal(t, { issuer: { revocationsFile: file } });
    const { token } = await minted(portal.issuer);
    writeFileSync(dirname(file), '');
    const answer = await portal.ask('/revoke', { method: 'POST', headers: bearerHeader(token) });
    assert.equal(answer.status, 503);
    assert.deepEqual(
      portal.revoked.filter(({ result }) => result === 'revoked'),
      [],
    );
  });

  void test('reads a body that nobody asked for, and the connection goes on', async (t) => {
    const portal = await startPortal(t, { issuer: { revocationsFile: revocationsPath(t) } });
    const { token } = await minted(portal.issuer);
    const answer = await portal.ask('/revoke', {
      method: 'POST',
      headers: bearerHeader(token),
      body: 'x'.repeat(1000),
    });
    assert.equal(answer.status, 204);
  });

  void test('a token of kubehook has no id to revoke it by', async (t) => {
    const issuer = { revocationsFile: revocationsPath(t), kubehookCompatible: true };
    const portal = await startPortal(t, { issuer });
    const { iss: _iss, ...claims } = goodClaims(portal.clock.now());
    const token = handmade({ alg: 'EdDSA' }, claims, ED25519.privateKey);
    assert.equal((await portal.ask('/revoke', { method: 'POST', headers: bearerHeader(token) })).status, 401);
  });
});
