// The first answer decides, the others must answer: no refusal for an outage, and never a group fewer.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type FakeAnswer, type FakeHandler, startFakeHttp } from '../../support/fake-http.ts';
import { json, reviewAt, startForge, TOKEN, told } from './setup.ts';

const LIMIT = { message: 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.' };
const html: FakeAnswer = { status: 200, headers: { 'content-type': 'text/html' }, body: '<h1>Log in</h1>' };
const endless: FakeHandler = (_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  const chunk = ' '.repeat(65_536);
  const write = (): void => void (response.destroyed || response.write(chunk, write));
  write();
  return 'handled';
};
const reset: FakeHandler = (_request, response) => {
  response.destroy();
  return 'handled';
};

const first: readonly { name: string; given: FakeAnswer | FakeHandler; options?: object; want: string }[] = [
  { name: 'a person', given: json({ id: 7, login: 'alice' }), want: 'authenticated' },
  { name: '401', given: json({ message: 'Bad credentials' }, {}, 401), want: 'abstained unknown-token' },
  { name: '403', given: json({ message: 'Your account was suspended' }, {}, 403), want: 'rejected forbidden' },
  {
    name: '403 with nothing left',
    given: json({}, { 'X-RateLimit-Remaining': '0' }, 403),
    want: 'unavailable rate-limited',
  },
  { name: '403 with much left', given: json({}, { 'X-RateLimit-Remaining': '10' }, 403), want: 'rejected forbidden' },
  {
    name: '403 with the header of the draft',
    given: json({}, { 'RateLimit-Remaining': '0' }, 403),
    want: 'unavailable rate-limited',
  },
  { name: '403 with Retry-After', given: json({}, { 'Retry-After': '60' }, 403), want: 'unavailable rate-limited' },
  { name: '403 with a secondary limit', given: json(LIMIT, {}, 403), want: 'unavailable rate-limited' },
  {
    name: '403 of an abuse mechanism',
    given: json({ message: 'You have triggered an abuse detection mechanism' }, {}, 403),
    want: 'unavailable rate-limited',
  },
  {
    name: '403 after many bad tokens',
    given: json({ message: 'Maximum number of login attempts exceeded' }, {}, 403),
    want: 'unavailable rate-limited',
  },
  { name: '429', given: { status: 429, body: 'Retry later' }, want: 'unavailable rate-limited' },
  { name: '404', given: json({}, {}, 404), want: 'unavailable unexpected-status' },
  {
    name: '404 that is configured',
    given: json({}, {}, 404),
    options: { rejectStatus: [401, 404] },
    want: 'abstained unknown-token',
  },
  { name: '302', given: { status: 302, headers: { location: '/login' } }, want: 'unavailable redirected' },
  { name: '307', given: { status: 307, headers: { location: '/login' } }, want: 'unavailable redirected' },
  { name: '500', given: { status: 500 }, want: 'unavailable upstream-error' },
  { name: '204', given: { status: 204 }, want: 'unavailable unexpected-status' },
  { name: 'a page of HTML', given: html, want: 'unavailable malformed-answer' },
  {
    name: 'HTML called JSON',
    given: { ...html, headers: { 'content-type': 'application/json' } },
    want: 'unavailable malformed-answer',
  },
  {
    name: 'nothing',
    given: { status: 200, headers: { 'content-type': 'application/json' } },
    want: 'unavailable malformed-answer',
  },
  { name: 'a list', given: json([{ id: 7 }]), want: 'unavailable malformed-answer' },
  { name: 'null', given: json(null), want: 'unavailable malformed-answer' },
  { name: 'an object of nobody', given: json({ ok: true }), want: 'rejected subject-missing' },
  {
    name: 'an id that is no id',
    given: json({ id: null, sub: '', uid: {}, login: 7 }),
    want: 'rejected subject-missing',
  },
  {
    name: 'an id beyond what a double holds',
    given: { ...json({}), body: '{"id":12345678901234567890}' },
    want: 'rejected subject-missing',
  },
  {
    name: 'an error with a success status',
    given: json({ id: 7, error: 'invalid_token' }),
    want: 'abstained unknown-token',
  },
  {
    name: 'what accept does not take',
    given: json({ id: 7, active: false }),
    options: { accept: 'answer.body.active == true' },
    want: 'abstained unknown-token',
  },
  {
    name: 'what accept takes',
    given: json({ id: 7, active: true }),
    options: { accept: 'answer.body.active == true' },
    want: 'authenticated',
  },
  {
    name: 'what accept cannot read',
    given: json({ id: 7 }),
    options: { accept: 'answer.body.active == true' },
    want: 'unavailable malformed-answer',
  },
  {
    name: 'more than it may',
    given: json({ id: 7, filler: 'x'.repeat(2000) }),
    options: { bodyBytes: 1024 },
    want: 'unavailable oversize-answer',
  },
  { name: 'without an end', given: endless, want: 'unavailable oversize-answer' },
  { name: 'a reset', given: reset, want: 'unavailable connection-failed' },
  {
    name: 'a hundred thousand brackets',
    given: { ...json({}), body: '['.repeat(100_000) },
    want: 'unavailable malformed-answer',
  },
];

void describe('the first answer', () => {
  for (const { name, given, options = {}, want } of first) {
    void test(`${name}: ${want}`, async (t) => {
      const forge = await startForge(t, { '/user': given, '/login': json({ id: 1 }) });
      assert.equal(told(await reviewAt(forge, { canary: false, ...options })), want);
      assert.equal(
        forge.seen.some(({ path }) => path === '/login'),
        false,
      );
    });
  }
});

const person = json({ id: 7, login: 'alice' });

const others: readonly { name: string; given: FakeAnswer | FakeHandler; options?: object; want: string }[] = [
  { name: 'a list', given: json(['devs']), want: 'authenticated' },
  { name: '401', given: json({}, {}, 401), want: 'rejected mapping-failed' },
  {
    name: '403, for the token lacks a scope',
    given: json({ message: 'Must have read:org' }, {}, 403),
    want: 'rejected mapping-failed',
  },
  { name: '403 for a limit', given: json({}, { 'X-RateLimit-Remaining': '0' }, 403), want: 'unavailable rate-limited' },
  { name: '404', given: json({}, {}, 404), want: 'unavailable unexpected-status' },
  { name: '500', given: { status: 500 }, want: 'unavailable upstream-error' },
  { name: '204', given: { status: 204 }, want: 'unavailable unexpected-status' },
  { name: 'HTML', given: html, want: 'unavailable malformed-answer' },
  { name: 'an object in place of a page', given: json({ teams: [] }), want: 'unavailable malformed-answer' },
  { name: 'a reset', given: reset, want: 'unavailable connection-failed' },
  { name: 'no end', given: endless, want: 'unavailable oversize-answer' },
];

void describe('another answer', () => {
  for (const { name, given, want } of others) {
    void test(`${name}: ${want}`, async (t) => {
      const forge = await startForge(t, { '/user': person, '/teams': given });
      const requests = [
        { name: 'user', url: `${forge.origin}/user` },
        { name: 'teams', url: `${forge.origin}/teams`, pages: 'link' },
      ];
      assert.equal(told(await reviewAt(forge, { requests, accept: 'answer.body.id == 7' })), want);
    });
  }

  void test('is not asked for where the first one refuses', async (t) => {
    const forge = await startForge(t, { '/user': json({}, {}, 401), '/teams': json([]) });
    const requests = ['user', 'teams'].map((name) => ({ name, url: `${forge.origin}/${name}` }));
    await reviewAt(forge, { requests });
    assert.deepEqual([...new Set(forge.seen.map(({ path }) => path))], ['/user']);
  });
});

void describe('a token', () => {
  const carried = [
    { name: 'Bearer in Authorization', options: {}, want: { authorization: `Bearer ${TOKEN}` } },
    { name: 'another word', options: { scheme: 'token' }, want: { authorization: `token ${TOKEN}` } },
    { name: 'another header', options: { header: 'PRIVATE-TOKEN' }, want: { 'private-token': TOKEN } },
    {
      name: 'another header and a word',
      options: { header: 'X-Auth', scheme: 'Key' },
      want: { 'x-auth': `Key ${TOKEN}` },
    },
  ];
  for (const { name, options, want } of carried) {
    void test(`travels as ${name}`, async (t) => {
      const forge = await startForge(t, {});
      await reviewAt(forge, { canary: false, ...options });
      const headers: Readonly<Record<string, unknown>> = forge.seen[0]?.headers ?? {};
      assert.deepEqual(Object.fromEntries(Object.keys(want).map((key) => [key, headers[key]])), want);
      assert.equal('authorization' in headers, 'authorization' in want);
    });
  }

  for (const token of ['with space', 'tökən', 'new\nline', 'nul\0', '🔑', '']) {
    void test(`${JSON.stringify(token)} is never sent`, async (t) => {
      const forge = await startForge(t, { '/user': person });
      assert.equal(told(await reviewAt(forge, { canary: false }, { token })), 'abstained unknown-token');
      assert.equal(forge.exchanges(), 0);
    });
  }

  void test('is not sent as long as a random one is let in', async (t) => {
    const forge = await startForge(t, {});
    const open = await startFakeHttp({ handler: () => person });
    t.after(() => open.close());
    assert.equal(told(await reviewAt(open)), 'unavailable accepts-anything');
    assert.equal(
      open.seen.some(({ headers }) => headers.authorization?.includes(TOKEN)),
      false,
    );
    assert.equal(forge.exchanges(), 0);
  });
});
