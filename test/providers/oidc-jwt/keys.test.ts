// Where the keys come from: fetched when needed, renewed, kept while the issuer is away, and never asked for too often.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { REFETCH_PAUSE_MS, RENEW_AFTER_MS } from '../../../src/upstream/oidc/issuer-keys.ts';
import { jsonAnswer } from '../../support/fake-authorization-server.ts';
import type { FakeAnswer } from '../../support/fake-http.ts';
import { WELL_KNOWN } from '../../support/fake-issuer.ts';
import { inOrder, until } from '../../support/settled.ts';
import { makeKey } from '../../support/signed-tokens.ts';
import { becomes, KEY, outcomeOf, world } from './setup.ts';

const NEXT = makeKey('ES256', 'next');
const BAD = 'rejected bad-signature';
const HOUR_MS = 3_600_000;

void describe('the keys of an issuer', () => {
  void test('are fetched with the first token, once for all, and never at the start', async (t) => {
    const { issuer, login, token } = await world(t);
    assert.equal(issuer.accepted(), 0);
    const verdicts = await Promise.all(Array.from({ length: 20 }, (_, index) => login(token({ jti: `${index}` }))));
    assert.deepEqual([...new Set(verdicts.map(outcomeOf))], ['authenticated']);
    assert.deepEqual([issuer.asked(WELL_KNOWN).length, issuer.asked('/jwks').length], [1, 1]);
  });

  void test('are not fetched for a token of another issuer, nor for one that is no JWT', async (t) => {
    const { issuer, login, token } = await world(t);
    await inOrder(['https://elsewhere.example', `${issuer.issuer}/`, undefined, [issuer.issuer], null], async (iss) =>
      assert.equal(outcomeOf(await login(token({ iss }))), 'abstained foreign-issuer'),
    );
    assert.equal(outcomeOf(await login('opaque-token')), 'abstained wrong-kind');
    assert.equal(issuer.accepted(), 0);
  });

  void test('that rotate are found with the first token of the new one', async (t) => {
    const { issuer, clock, login, token } = await world(t);
    await login(token());
    issuer.publish(NEXT, KEY);
    assert.equal(outcomeOf(await login(token({}, NEXT))), 'authenticated');
    assert.equal(outcomeOf(await login(token({ jti: 'old' }))), 'authenticated', 'the old one is still published');
    issuer.publish(NEXT);
    clock.pass(RENEW_AFTER_MS);
    await login(token({ jti: 'renews' }, NEXT));
    await until('the keys are fetched again', () => issuer.asked('/jwks').length === 3);
    await becomes(BAD, async () => outcomeOf(await login(token({ jti: 'gone' }))));
  });

  void test('that are replaced under the same kid are found as well', async (t) => {
    const { issuer, login, token } = await world(t);
    await login(token());
    const replaced = makeKey('ES256', 'first');
    issuer.publish(replaced);
    assert.equal(outcomeOf(await login(token({}, replaced))), 'authenticated');
  });

  void test('are asked for at most every 30 s, however many tokens name one that is not there', async (t) => {
    const { issuer, clock, login, token } = await world(t);
    await login(token());
    clock.pass(REFETCH_PAUSE_MS);
    const strangers = Array.from({ length: 50 }, (_, index) => token({}, makeKey('ES256', `stranger-${index}`)));
    const verdicts = await Promise.all(strangers.map((stranger) => login(stranger)));
    assert.deepEqual([...new Set(verdicts.map(outcomeOf))], [BAD], 'rejected, because there are keys');
    assert.equal(issuer.asked('/jwks').length, 2);
    clock.pass(REFETCH_PAUSE_MS - 1);
    assert.equal(outcomeOf(await login(token({ jti: 'late' }, NEXT))), BAD);
    assert.equal(issuer.asked('/jwks').length, 2);
    clock.pass(1);
    await login(token({ jti: 'later' }, NEXT));
    assert.equal(issuer.asked('/jwks').length, 3);
  });

  void test('that are fetched for a stranger delay nobody else', async (t) => {
    const { issuer, clock, login, token } = await world(t);
    await login(token());
    clock.pass(REFETCH_PAUSE_MS);
    await issuer.breakWith('hangs');
    const stranger = login(token({}, NEXT));
    await until('the issuer is asked', () => issuer.exchanges() === 3);
    assert.equal(outcomeOf(await login(token({ jti: 'neighbour' }))), 'authenticated');
    await issuer.breakWith(undefined);
    await stranger;
  });

  void test('serve while the issuer is down, which the verdict tells, until they are too old', async (t) => {
    const { issuer, clock, login, token, sinks } = await world(t, { maxKeyAge: '2h' });
    assert.equal((await login(token({ exp: 9_999_999_999 }))).upstream, undefined);
    await issuer.breakWith('answers with an error of its own');
    clock.pass(HOUR_MS);
    const old = token({ exp: 9_999_999_999, jti: 'old' });
    assert.equal(outcomeOf(await login(old)), 'authenticated');
    await becomes('upstream-error', async () => (await login(old)).upstream?.reason);
    assert.match(sinks.logLines().join(), /what was found last serves on.*upstream-error/);
    clock.pass(HOUR_MS);
    assert.equal(outcomeOf(await login(old)), 'unavailable upstream-error', 'not refused');
    await issuer.breakWith(undefined);
    clock.pass(REFETCH_PAUSE_MS);
    const again = await login(old);
    assert.deepEqual([outcomeOf(again), again.upstream], ['authenticated', undefined]);
  });
});

const DOCUMENTS: readonly {
  readonly name: string;
  readonly given: FakeAnswer | ((document: Readonly<Record<string, unknown>>) => object);
  readonly want: string;
}[] = [
  {
    name: 'names another issuer',
    given: (document) => ({ ...document, issuer: 'https://elsewhere.example' }),
    want: 'malformed-answer',
  },
  { name: 'names no keys', given: ({ issuer }) => ({ issuer }), want: 'malformed-answer' },
  {
    name: 'names keys in clear',
    given: (document) => ({ ...document, jwks_uri: 'http://idp.example/jwks' }),
    want: 'malformed-answer',
  },
  {
    name: 'names keys in a file',
    given: (document) => ({ ...document, jwks_uri: 'file:///etc/passwd' }),
    want: 'malformed-answer',
  },
  {
    name: 'is a page',
    given: { status: 200, headers: { 'content-type': 'text/html' }, body: '<p>' },
    want: 'malformed-answer',
  },
  { name: 'is a redirect', given: { status: 302, headers: { location: '/x' } }, want: 'redirected' },
  { name: 'is not there', given: { status: 404 }, want: 'unexpected-status' },
];

void describe('a discovery document', () => {
  for (const { name, given, want } of DOCUMENTS) {
    void test(`that ${name} is unavailable: ${want}`, async (t) => {
      const { issuer, login, token } = await world(t);
      issuer.describe((document) => (typeof given === 'function' ? { ...given(document) } : given));
      assert.equal(outcomeOf(await login(token())), `unavailable ${want}`);
    });
  }

  void test('is read at discoveryURL, and must still name the issuer', async (t) => {
    const issuer = { url: 'https://idp.corp.example', audiences: ['kubernetes'] };
    const home = await world(t);
    const discoveryURL = `${home.issuer.issuer}${WELL_KNOWN}`;
    const { provider: _provider, ...other } = await world(t, { issuer: { ...issuer, discoveryURL } });
    home.issuer.describe((document) => ({ ...document, issuer: issuer.url }));
    assert.equal(outcomeOf(await other.login(other.token({ iss: issuer.url }))), 'authenticated');
    assert.equal(other.issuer.accepted(), 0);
  });
});

const KEY_SETS: readonly { readonly name: string; readonly given: FakeAnswer; readonly want: string }[] = [
  {
    name: 'a page',
    given: { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>' },
    want: 'unavailable malformed-answer',
  },
  { name: 'a list', given: jsonAnswer([]), want: 'unavailable malformed-answer' },
  { name: 'a map without keys', given: jsonAnswer({}), want: 'unavailable malformed-answer' },
  { name: 'no key', given: jsonAnswer({ keys: [] }), want: 'unavailable malformed-answer' },
  {
    name: 'keys that nobody can use',
    given: jsonAnswer({ keys: [{ kty: 'oct', k: 'AAAA' }, null, 7] }),
    want: 'unavailable malformed-answer',
  },
  { name: 'cut off', given: { ...jsonAnswer(null), body: '{"keys":[' }, want: 'unavailable malformed-answer' },
  { name: '500', given: { status: 500 }, want: 'unavailable upstream-error' },
  { name: '302', given: { status: 302, headers: { location: '/elsewhere' } }, want: 'unavailable redirected' },
  { name: 'endless', given: { status: 200, body: 'x'.repeat(1_000_000) }, want: 'unavailable oversize-answer' },
  {
    name: 'good, of a type that is no JSON',
    given: { ...jsonAnswer({ keys: [KEY.jwk] }), headers: { 'content-type': 'binary/octet-stream' } },
    want: 'authenticated',
  },
  {
    name: 'a good key beside unknown ones',
    given: jsonAnswer({ keys: [{ kty: 'OKP', crv: 'X25519' }, KEY.jwk] }),
    want: 'authenticated',
  },
];

void describe('a key set', () => {
  for (const { name, given, want } of KEY_SETS) {
    void test(`that is ${name} is ${want}`, async (t) => {
      const { issuer, login, token } = await world(t);
      issuer.publish(given);
      assert.equal(outcomeOf(await login(token())), want);
    });
  }
});

void describe('a verified token', () => {
  void test('is remembered while its key is there, and judged by the clock each time', async (t) => {
    const { clock, issuer, login, token } = await world(t);
    const given = token();
    assert.equal(outcomeOf(await login(given)), 'authenticated');
    assert.equal(outcomeOf(await login(given)), 'authenticated');
    clock.pass(601_000);
    assert.equal(outcomeOf(await login(given)), 'rejected expired-token');
    issuer.publish(NEXT);
    const lasting = token({ exp: 9_999_999_999 });
    await becomes(BAD, async () => outcomeOf(await login(lasting)));
  });

  void test('states its claims as data, and neither username nor subject', async (t) => {
    const { login, token } = await world(t);
    const verdict = await login(token({ __proto__x: 1, groups: ['devs'] }));
    assert.ok(verdict.kind === 'authenticated');
    const { subject, audiences, attributes } = verdict.value;
    assert.deepEqual([subject, audiences, attributes['username'], attributes['subject']], Array(4).fill(undefined));
    assert.deepEqual([attributes['sub'], attributes['groups']], ['alice', ['devs']]);
    assert.equal(Object.getPrototypeOf(attributes), null);
  });
});
