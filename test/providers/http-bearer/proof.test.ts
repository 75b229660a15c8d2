// For whom a token was made: a token of somebody else's application opens nothing.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { FakeAnswer } from '../../support/fake-http.ts';
import { steppingClock } from '../../support/seams.ts';
import { json, reviewAt, startForge, TOKEN, told } from './setup.ts';

const FILES = { '/etc/broker/secret': 'client-secret' };
const person = json({ id: 7 });
const CLIENT = { clientID: 'broker', clientSecret: { file: 'secret' } };
const IS_OURS = "answer.body.app == 'ours'";

const rows: readonly { name: string; given: FakeAnswer; client?: object; want: string }[] = [
  { name: 'ours', given: json({ app: 'ours' }), want: 'authenticated' },
  { name: "somebody else's", given: json({ app: 'theirs' }), want: 'rejected wrong-audience' },
  { name: 'of nobody', given: json({}), want: 'unavailable malformed-answer' },
  { name: 'unknown to the application', given: json({}, {}, 404), want: 'rejected wrong-audience' },
  { name: 'asked about too often', given: json({}, {}, 422), want: 'unavailable unexpected-status' },
  { name: 'asked about with a wrong secret', given: json({}, {}, 401), want: 'unavailable client-refused' },
  { name: 'asked about by a client that may not', given: json({}, {}, 403), want: 'unavailable client-refused' },
  {
    name: 'asked about beyond a limit',
    given: json({}, { 'Retry-After': '5' }, 403),
    want: 'unavailable rate-limited',
  },
  { name: 'asked about while it is down', given: json({}, {}, 503), want: 'unavailable upstream-error' },
  { name: 'elsewhere', given: { status: 302, headers: { location: '/' } }, want: 'unavailable redirected' },
  {
    name: 'told in HTML',
    given: { status: 200, headers: { 'content-type': 'text/html' }, body: 'ours' },
    want: 'unavailable malformed-answer',
  },
  { name: 'over', given: json({ app: 'ours', exp: 1 }), want: 'rejected expired-token' },
  { name: 'ours, by its own word', given: json({ app: 'ours' }), client: {}, want: 'authenticated' },
  {
    name: "somebody else's, by its own word",
    given: json({ app: 'theirs' }),
    client: {},
    want: 'rejected wrong-audience',
  },
  { name: 'of no application, by its own word', given: json({}, {}, 401), client: {}, want: 'rejected wrong-audience' },
  {
    name: 'not to be found, by its own word',
    given: json({}, {}, 404),
    client: {},
    want: 'unavailable unexpected-status',
  },
];

void describe('a token that is', () => {
  for (const { name, given, client = CLIENT, want } of rows) {
    void test(`${name}: ${want}`, async (t) => {
      const forge = await startForge(t, { '/user': person, '/app': given });
      const proof = { request: { url: `${forge.origin}/app`, ...client }, expression: IS_OURS };
      const seams = { clock: { ...steppingClock(), now: () => 2_000_000 } };
      assert.equal(told(await reviewAt(forge, { proof, canary: false }, { files: FILES, seams })), want);
    });
  }

  void test("somebody else's is refused while the rest of the service is down", async (t) => {
    const forge = await startForge(t, {
      '/user': person,
      '/app': json({ app: 'theirs' }),
      '/teams': json({}, {}, 500),
    });
    const requests = ['user', 'teams'].map((name) => ({ name, url: `${forge.origin}/${name}` }));
    const proof = { request: { url: `${forge.origin}/app` }, expression: IS_OURS };
    assert.equal(told(await reviewAt(forge, { requests, proof, canary: false })), 'rejected wrong-audience');
  });

  void test('ours for a while is remembered no longer', async (t) => {
    const clock = { ...steppingClock(), now: () => 1_000_000 };
    const ends = [
      { given: { exp: 1500 }, want: 1_500_000 },
      { given: { expires_at: '1970-01-01T00:20:00Z' }, want: 1_200_000 },
      { given: { expires_in: 60 }, want: 1_060_000 },
      { given: { expires_in: null, expires_at: null }, want: undefined },
    ];
    for (const { given, want } of ends) {
      // oxlint-disable-next-line no-await-in-loop -- one forge after the other
      const forge = await startForge(t, { '/user': person, '/app': json({ app: 'ours', ...given }) });
      const proof = { request: { url: `${forge.origin}/app` }, expression: IS_OURS };
      // oxlint-disable-next-line no-await-in-loop -- one forge after the other
      const verdict = await reviewAt(forge, { proof, canary: false }, { seams: { clock } });
      assert.ok(verdict.kind === 'authenticated', told(verdict));
      assert.equal(verdict.expiresAt, want);
    }
  });
});

void describe('a client that asks for a proof', () => {
  const basic = `Basic ${Buffer.from('broker:client-secret').toString('base64')}`;
  const sent = [
    { name: 'a form', client: CLIENT, type: 'application/x-www-form-urlencoded', body: `token=${TOKEN}` },
    {
      name: 'JSON',
      client: { ...CLIENT, field: 'access_token', body: 'json' },
      type: 'application/json',
      body: `{"access_token":"${TOKEN}"}`,
    },
  ];
  for (const { name, client, type, body } of sent) {
    void test(`sends the token as ${name}, and its own credentials`, async (t) => {
      const forge = await startForge(t, { '/user': person, '/app': json({ app: 'ours' }) });
      const proof = { request: { url: `${forge.origin}/app`, ...client }, expression: IS_OURS };
      await reviewAt(forge, { proof, canary: false }, { files: FILES });
      const asked = forge.seen.find(({ path }) => path === '/app');
      assert.deepEqual(
        [asked?.method, asked?.headers.authorization, asked?.headers['content-type'], asked?.body],
        ['POST', basic, type, body],
      );
    });
  }
});
