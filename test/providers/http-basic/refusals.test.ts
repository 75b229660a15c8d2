// How an upstream says no with a status that is no 401: in the body, by a redirect, or as `accept` says.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type FakeAnswer, type FakeHttp, startFakeHttp } from '../../support/fake-http.ts';
import { json, loginAt } from './setup.ts';

const ACCEPT_OK = { accept: 'answer.body.ok == true' };

const ROWS: readonly { name: string; given: FakeAnswer; options?: object; want: string }[] = [
  {
    name: '302 that is configured',
    given: { status: 302, headers: { location: '/login' } },
    options: { rejectStatus: [302, 401] },
    want: 'abstained not-authenticated',
  },
  { name: '200 with an error', given: json({ error: 'user is disabled' }), want: 'abstained not-authenticated' },
  {
    name: '200 with an error beside a subject',
    given: json({ sub: 'a1', error: { code: 7 } }),
    want: 'abstained not-authenticated',
  },
  { name: '200 with an error that is true', given: json({ error: true }), want: 'abstained not-authenticated' },
  {
    name: '200 with an error in JSON that is called a page',
    given: { ...json({ error: 'no' }), headers: { 'content-type': 'text/html' } },
    want: 'abstained not-authenticated',
  },
  {
    name: '200 with an error, whatever accept says',
    given: json({ error: 'no' }),
    options: { accept: 'true' },
    want: 'abstained not-authenticated',
  },
  ...[null, '', false, [], {}].map((error) => ({
    name: `200 with ${JSON.stringify(error)} as error`,
    given: json({ error }),
    want: 'authenticated',
  })),
  { name: '500 with an error', given: { ...json({ error: 'x' }), status: 500 }, want: 'unavailable upstream-error' },
  { name: '200 that accept allows', given: json({ ok: true }), options: ACCEPT_OK, want: 'authenticated' },
  {
    name: '200 that accept does not allow',
    given: json({ ok: false }),
    options: ACCEPT_OK,
    want: 'abstained not-authenticated',
  },
  {
    name: '200 about which accept cannot tell',
    given: json({}),
    options: ACCEPT_OK,
    want: 'unavailable malformed-answer',
  },
  {
    name: '200 with a text that accept allows',
    given: { status: 200, headers: { 'content-type': 'text/plain' }, body: 'OK alice' },
    options: { accept: "answer.body.startsWith('OK') && answer.status == 200" },
    want: 'authenticated',
  },
  {
    name: '200 with a header that accept does not allow',
    given: json({}, { 'X-Result': 'failed' }),
    options: { accept: "answer.headers['x-result'] != 'failed'" },
    want: 'abstained not-authenticated',
  },
  {
    name: '401, whatever accept says',
    given: { status: 401 },
    options: { accept: 'true' },
    want: 'abstained not-authenticated',
  },
];

void describe('an answer that may be a refusal', () => {
  let upstream: FakeHttp;
  let answer: FakeAnswer = { status: 200 };
  before(async () => {
    upstream = await startFakeHttp({ handler: () => answer });
  });
  after(() => upstream.close());

  for (const { name, given, options = {}, want } of ROWS) {
    void test(`${name} is ${want}`, async () => {
      answer = given;
      const verdict = await loginAt(upstream, options);
      assert.equal('reason' in verdict ? `${verdict.kind} ${verdict.reason}` : verdict.kind, want);
      assert.equal(upstream.seen.at(-1)?.path, '/', 'a redirect is not followed');
    });
  }

  void test('what the body says is not told: it may be an echo of the password', async () => {
    answer = json({ error: 'wrong password: secret' });
    assert.equal(JSON.stringify(await loginAt(upstream, {})).includes('secret'), false);
  });
});
