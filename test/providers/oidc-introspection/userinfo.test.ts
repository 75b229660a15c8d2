// What userinfo adds to an introspection, and how it can spoil it.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { oidcIntrospection } from '../../../providers/oidc-introspection.ts';
import { type Introspection, jsonAnswer, startAuthorizationServer } from '../../support/fake-authorization-server.ts';
import type { FakeAnswer } from '../../support/fake-http.ts';
import { CLIENT, login, optionsOf, outcomeOf, seamsFor } from './setup.ts';

const ACTIVE = { active: true, sub: 'a1', username: 'alice' };

const ROWS: readonly { readonly name: string; readonly given: Introspection | FakeAnswer; readonly want: string }[] = [
  { name: 'the same sub', given: { sub: 'a1' }, want: 'authenticated' },
  { name: 'another sub', given: { sub: 'mallory' }, want: 'unavailable malformed-answer' },
  { name: 'no sub', given: { email: 'a@b.example' }, want: 'unavailable malformed-answer' },
  { name: 'a list', given: jsonAnswer([]), want: 'unavailable malformed-answer' },
  {
    name: 'a signed answer',
    given: { status: 200, headers: { 'content-type': 'application/jwt' }, body: 'a.b.c' },
    want: 'unavailable malformed-answer',
  },
  { name: '401, the token is not for userinfo', given: { status: 401 }, want: 'rejected mapping-failed' },
  {
    name: '401 with a challenge',
    given: { status: 401, headers: { 'www-authenticate': 'Bearer error="invalid_token"' } },
    want: 'rejected mapping-failed',
  },
  { name: '403, the scope openid is missing', given: { status: 403 }, want: 'rejected mapping-failed' },
  {
    name: '200 with a challenge',
    given: {
      ...jsonAnswer({ sub: 'a1' }),
      headers: { 'content-type': 'application/json', 'www-authenticate': 'Bearer' },
    },
    want: 'unavailable malformed-answer',
  },
  { name: '302', given: { status: 302, headers: { location: '/login' } }, want: 'unavailable redirected' },
  { name: '404', given: { status: 404 }, want: 'unavailable unexpected-status' },
  { name: '429', given: { status: 429 }, want: 'unavailable rate-limited' },
  { name: '500', given: { status: 500 }, want: 'unavailable upstream-error' },
];

void describe('userinfo', () => {
  for (const { name, given, want } of ROWS) {
    void test(`with ${name} is ${want}`, async (t) => {
      const { provider } = await opened(t, { introspect: () => ACTIVE, userinfo: () => given });
      assert.equal(outcomeOf(await login(provider, 'token')), want);
    });
  }

  void test('adds claims under those of the introspection, and gets the token as its bearer', async (t) => {
    const { provider, server } = await opened(t, {
      introspect: () => ACTIVE,
      userinfo: () => ({ sub: 'a1', username: 'mallory', email: 'a@b.example', groups: ['devs'] }),
    });
    const verdict = await login(provider, 'token');
    assert.ok(verdict.kind === 'authenticated');
    const { username, email, groups } = verdict.value.attributes;
    assert.deepEqual([username, email, groups], ['alice', 'a@b.example', ['devs']]);
    assert.equal(server.asked('/userinfo')[0]?.headers.authorization, 'Bearer token');
  });

  void test('is not asked about an inactive token', async (t) => {
    const { provider, server } = await opened(t, { introspect: () => ({ active: false }) });
    await login(provider, 'token');
    assert.equal(server.asked('/userinfo').length, 0);
  });

  void test('is not asked about a client that speaks for itself', async (t) => {
    const { provider, server } = await opened(t, {
      introspect: () => ({ active: true, sub: 'robot', client_id: 'robot' }),
    });
    assert.equal(outcomeOf(await login(provider, 'token')), 'authenticated');
    assert.equal(server.asked('/userinfo').length, 0);
  });

  void test('says whose a token is where the introspection does not', async (t) => {
    const gitlab = { active: true, scope: 'openid', client_id: 'kubectl', token_type: 'Bearer' };
    const { provider } = await opened(t, {
      introspect: () => gitlab,
      userinfo: () => ({ sub: '7', email: 'a@b.example' }),
    });
    const verdict = await login(provider, 'token');
    assert.ok(verdict.kind === 'authenticated');
    assert.deepEqual([verdict.value.subject, verdict.value.attributes['subject']], ['7', '7']);
  });

  void test('without a sub says it of nobody', async (t) => {
    const { provider } = await opened(t, {
      introspect: () => ({ active: true }),
      userinfo: () => ({ email: 'a@b.example' }),
    });
    assert.equal(outcomeOf(await login(provider, 'token')), 'unavailable malformed-answer');
  });

  void test('never gets a token that no header can carry', async (t) => {
    const { provider, server } = await opened(t, { introspect: () => ACTIVE });
    assert.equal(outcomeOf(await login(provider, 'to ken\r\nx: y')), 'rejected mapping-failed');
    assert.equal(server.asked('/userinfo').length, 0);
  });
});

async function opened(
  t: { after(fn: () => Promise<void>): void },
  options: Parameters<typeof startAuthorizationServer>[0],
) {
  const server = await startAuthorizationServer(options);
  const provider = oidcIntrospection.open(optionsOf({ ...CLIENT, issuer: server.issuer, userinfo: true }), seamsFor());
  t.after(async () => {
    await provider.close();
    await server.close();
  });
  return { provider, server };
}
