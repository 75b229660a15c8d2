// What userinfo adds to the claims of a token, and how it can spoil them.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { jsonAnswer } from '../../support/fake-authorization-server.ts';
import type { FakeAnswer } from '../../support/fake-http.ts';
import { outcomeOf, world } from './setup.ts';

const ROWS: readonly { readonly name: string; readonly given: FakeAnswer; readonly want: string }[] = [
  { name: 'the same sub', given: jsonAnswer({ sub: 'alice', email: 'a@b.example' }), want: 'authenticated' },
  { name: 'another sub', given: jsonAnswer({ sub: 'mallory' }), want: 'unavailable malformed-answer' },
  { name: 'no sub', given: jsonAnswer({}), want: 'unavailable malformed-answer' },
  { name: '401', given: { status: 401 }, want: 'rejected mapping-failed' },
  { name: '500', given: { status: 500 }, want: 'unavailable upstream-error' },
];

void describe('userinfo of a verified token', () => {
  for (const { name, given, want } of ROWS) {
    void test(`with ${name} is ${want}`, async (t) => {
      const { issuer, login, token } = await world(t, { userinfo: true });
      issuer.serve('/me', () => given);
      assert.equal(outcomeOf(await login(token())), want);
    });
  }

  void test('adds claims under those that were signed, and gets the token as its bearer', async (t) => {
    const { issuer, login, token } = await world(t, { userinfo: true });
    issuer.serve('/me', () => jsonAnswer({ sub: 'alice', email: 'a@b.example', groups: ['thieves'], exp: 1 }));
    const given = token({ groups: ['devs'] });
    const verdict = await login(given);
    assert.ok(verdict.kind === 'authenticated');
    const { email, groups } = verdict.value.attributes;
    assert.deepEqual([email, groups], ['a@b.example', ['devs']]);
    assert.equal(issuer.asked('/me')[0]?.headers.authorization, `Bearer ${given}`);
  });

  void test('is asked at the issuer’s own origin alone', async (t) => {
    const { issuer, login, token } = await world(t, { userinfo: true });
    issuer.describe((document) => ({ ...document, userinfo_endpoint: 'https://elsewhere.example/me' }));
    assert.equal(outcomeOf(await login(token())), 'unavailable malformed-answer');
  });

  void test('is not asked about a token that is not good', async (t) => {
    const { issuer, login, token } = await world(t, { userinfo: true });
    await login(token({ exp: 1 }));
    assert.equal(issuer.asked('/me').length, 0);
  });
});
