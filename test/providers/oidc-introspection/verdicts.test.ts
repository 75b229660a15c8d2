// Every answer of the server to a review: the verdict, and what was asked for it.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { oidcIntrospection } from '../../../providers/oidc-introspection.ts';
import type { TraceStep } from '../../../src/core/authenticator.ts';
import { reviewOf } from '../../contract/provider-run.ts';
import {
  CLIENT_SECRET,
  type Introspection,
  jsonAnswer,
  startAuthorizationServer,
} from '../../support/fake-authorization-server.ts';
import type { FakeAnswer } from '../../support/fake-http.ts';
import { deadline } from '../../support/patience.ts';
import { createSinks } from '../../support/sinks.ts';
import { bearer, CLIENT, jwtOf, login, optionsOf, outcomeOf, seamsFor, type WrittenOptions } from './setup.ts';

const TOKEN = 'opaque-token-5c1';
const FOREIGN = jwtOf({ iss: 'https://elsewhere.example' });

interface Row {
  readonly name: string;
  readonly given: Introspection | FakeAnswer;
  readonly want: string;
}

const ANSWERS: readonly Row[] = [
  { name: 'an active token', given: { active: true, sub: 'a1' }, want: 'authenticated' },
  { name: 'an inactive token', given: { active: false }, want: 'abstained unknown-token' },
  { name: 'active as text', given: { active: 'true', sub: 'a1' }, want: 'unavailable malformed-answer' },
  { name: 'active left out', given: { sub: 'a1' }, want: 'unavailable malformed-answer' },
  { name: 'a list', given: jsonAnswer([{ active: true }]), want: 'unavailable malformed-answer' },
  { name: 'null', given: jsonAnswer(null), want: 'unavailable malformed-answer' },
  { name: 'an empty body', given: { ...jsonAnswer(''), body: '' }, want: 'unavailable malformed-answer' },
  {
    name: 'half of the JSON',
    given: { ...jsonAnswer(''), body: '{"active":tr' },
    want: 'unavailable malformed-answer',
  },
  { name: 'JSON as text/plain', given: typed('text/plain'), want: 'unavailable malformed-answer' },
  { name: 'JSON as text/html', given: typed('text/html'), want: 'unavailable malformed-answer' },
  { name: 'JSON without a type', given: { ...typed(''), headers: {} }, want: 'unavailable malformed-answer' },
  {
    name: 'a type that only starts like JSON',
    given: typed('application/jsonp'),
    want: 'unavailable malformed-answer',
  },
  { name: 'JSON with a charset', given: typed('application/json; charset=utf-8'), want: 'authenticated' },
  { name: 'JSON in capitals', given: typed('Application/JSON'), want: 'authenticated' },
  {
    name: 'a signed answer (RFC 9701)',
    given: { ...typed('application/token-introspection+jwt'), body: jwtOf({ token_introspection: { active: true } }) },
    want: 'unavailable malformed-answer',
  },
  {
    name: '201 with a good answer',
    given: jsonAnswer({ active: true, sub: 'a1' }, 201),
    want: 'unavailable unexpected-status',
  },
  { name: '204', given: { status: 204 }, want: 'unavailable unexpected-status' },
  {
    name: '307 elsewhere',
    given: { status: 307, headers: { location: 'https://elsewhere.example/' } },
    want: 'unavailable redirected',
  },
  {
    name: '302 with a good answer',
    given: jsonAnswer({ active: true, sub: 'a1' }, 302),
    want: 'unavailable redirected',
  },
  { name: '304', given: { status: 304 }, want: 'unavailable redirected' },
  {
    name: '400 unsupported_token_type',
    given: oauthError(400, 'unsupported_token_type'),
    want: 'abstained unsupported-token',
  },
  { name: '400 invalid_client', given: oauthError(400, 'invalid_client'), want: 'unavailable client-refused' },
  { name: '400 invalid_request', given: oauthError(400, 'invalid_request'), want: 'unavailable unexpected-status' },
  { name: '400 without JSON', given: { status: 400, body: 'bad' }, want: 'unavailable unexpected-status' },
  { name: '401 invalid_client', given: oauthError(401, 'invalid_client'), want: 'unavailable client-refused' },
  {
    name: '401 with a challenge',
    given: { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } },
    want: 'unavailable client-refused',
  },
  { name: '403', given: { status: 403 }, want: 'unavailable client-refused' },
  { name: '404', given: { status: 404 }, want: 'unavailable unexpected-status' },
  { name: '429', given: { status: 429, headers: { 'retry-after': '10' } }, want: 'unavailable rate-limited' },
  {
    name: '500 with a good answer',
    given: jsonAnswer({ active: true, sub: 'a1' }, 500),
    want: 'unavailable upstream-error',
  },
  { name: '503', given: { status: 503 }, want: 'unavailable upstream-error' },
];

void describe('the verdict on an introspection answer', () => {
  for (const { name, given, want } of ANSWERS) {
    void test(`${name} is ${want}`, async (t) => {
      const { provider, server } = await opened(t, { introspect: () => given });
      assert.equal(outcomeOf(await login(provider, TOKEN)), want);
      assert.equal(server.exchanges(), 1, 'one request, never repeated');
    });
  }

  void test('the request is a form with the token alone, and asks for JSON', async (t) => {
    const { provider, server } = await opened(t, {});
    await login(provider, 'a token+with/odd&characters=é');
    const [request] = server.seen;
    assert.deepEqual(Object.fromEntries(new URLSearchParams(request?.body)), {
      token: 'a token+with/odd&characters=é',
    });
    assert.equal(request?.headers.accept, 'application/json');
    assert.match(request?.headers['content-type'] ?? '', /^application\/x-www-form-urlencoded/);
  });

  void test('a wrong client secret is client-refused, and no word of it is told', async (t) => {
    const sinks = createSinks();
    const { provider } = await opened(t, { clientSecret: 'another' });
    const verdict = await login(provider, TOKEN);
    assert.equal(outcomeOf(verdict), 'unavailable client-refused');
    sinks.add('verdict', verdict);
    assert.deepEqual([...sinks.leaksOf(CLIENT_SECRET), ...sinks.leaksOf(TOKEN)], []);
  });

  void test('an error text of the server is never repeated: it may be an echo of the token', async (t) => {
    const { provider } = await opened(t, { introspect: (token) => oauthError(400, token) });
    const verdict = await login(provider, TOKEN);
    assert.equal(JSON.stringify(verdict).includes(TOKEN), false);
    assert.match(verdict.detail ?? '', /^HTTP 400 from http:\/\/localhost:\d+\/introspect$/);
  });
});

void describe('a JWT', () => {
  void test('of another issuer costs no call', async (t) => {
    const { provider, server } = await opened(t, {}, 'issuer');
    for (const token of [FOREIGN, jwtOf({}), jwtOf({ iss: [server.issuer] }), jwtOf({ iss: `${server.issuer}/` })]) {
      // oxlint-disable-next-line no-await-in-loop -- one after another
      assert.equal(outcomeOf(await login(provider, token)), 'abstained foreign-issuer');
    }
    assert.equal(server.accepted(), 0);
  });

  void test('of the configured issuer is asked about', async (t) => {
    const { provider, server } = await opened(t, { introspect: () => ({ active: true, sub: 'a1' }) }, 'issuer');
    assert.equal(outcomeOf(await login(provider, jwtOf({ iss: server.issuer }))), 'authenticated');
  });

  void test('of the configured issuer that is inactive is rejected', async (t) => {
    const { provider, server } = await opened(t, {}, 'issuer');
    assert.equal(outcomeOf(await login(provider, jwtOf({ iss: server.issuer }))), 'rejected inactive-token');
  });

  void test('is asked about, whoever issued it, when no issuer is configured', async (t) => {
    const { provider, server } = await opened(t, {});
    assert.equal(outcomeOf(await login(provider, FOREIGN)), 'abstained unknown-token');
    assert.equal(server.asked('/introspect').length, 1);
  });

  void test('never decides an address: jku, x5u and iss are not fetched', async (t) => {
    const thief = await startAuthorizationServer({});
    t.after(() => thief.close());
    const { provider, server } = await opened(t, {}, 'issuer');
    const claims = { iss: server.issuer, jku: thief.origin, x5u: thief.origin, introspection_endpoint: thief.origin };
    await login(provider, jwtOf(claims));
    assert.equal(thief.accepted(), 0);
  });
});

void describe('an introspection that succeeds', () => {
  void test('states subject, claims, audiences and expiry', async (t) => {
    const exp = Math.floor(Date.now() / 1000) + 600;
    const said = { active: true, sub: 'a1', username: 'alice', groups: ['devs'], aud: ['k8s', 'other'], exp };
    const { provider } = await opened(t, { introspect: () => said }, 'introspectionEndpoint', { audiences: ['k8s'] });
    const verdict = await login(provider, TOKEN);
    assert.ok(verdict.kind === 'authenticated');
    assert.equal(verdict.expiresAt, exp * 1000);
    assert.equal(verdict.value.audiences, undefined, 'it is for us, and good for what the endpoint is good for');
    assert.deepEqual({ ...verdict.value.attributes }, { ...said, subject: 'a1' });
  });

  void test('without audiences of its own states those of the token', async (t) => {
    const { provider } = await opened(t, { introspect: () => ({ active: true, sub: 'a1', aud: ['k8s', 'other'] }) });
    const verdict = await login(provider, TOKEN);
    assert.ok(verdict.kind === 'authenticated');
    assert.deepEqual(verdict.value.audiences, ['k8s', 'other']);
  });

  void test('a refusal after it was read shows the claims to explain', async (t) => {
    const said = { active: true, username: 'alice', exp: 1 };
    const { provider } = await opened(t, { introspect: () => said });
    const steps: TraceStep[] = [];
    const review = { ...reviewOf(bearer(TOKEN)), trace: (step: TraceStep) => void steps.push(step) };
    assert.equal(outcomeOf(await provider.authenticate(review, AbortSignal.timeout(1000))), 'rejected expired-token');
    assert.deepEqual(
      steps.map((step) => step.step === 'claims' && { ...step.claims.attributes }),
      [said],
    );
  });

  void test('__proto__ in an answer is a claim like any other', async (t) => {
    const body = '{"active":true,"sub":"a1","__proto__":{"username":"root"},"constructor":1}';
    const { provider } = await opened(t, { introspect: () => ({ ...jsonAnswer(null), body }) });
    const verdict = await login(provider, TOKEN);
    assert.ok(verdict.kind === 'authenticated');
    assert.equal(verdict.value.attributes['username'], 'a1');
    assert.deepEqual(Object.keys(verdict.value.attributes).toSorted(), [
      '__proto__',
      'active',
      'constructor',
      'sub',
      'subject',
      'username',
    ]);
  });

  void test('a password never leaves, even if one arrived', async (t) => {
    const { provider, server } = await opened(t, {});
    const password = { kind: 'password', username: 'alice', password: bearer('secret').token } as const;
    const review = { id: 'r', endpoint: { path: '/' }, credential: password, audiences: [], fingerprint: 'f' };
    assert.equal(outcomeOf(await provider.authenticate(review, deadline(1000))), 'abstained wrong-kind');
    assert.equal(server.accepted(), 0);
  });
});

function typed(type: string): FakeAnswer {
  return { ...jsonAnswer({ active: true, sub: 'a1' }), headers: { 'content-type': type } };
}

function oauthError(status: number, error: string): FakeAnswer {
  return jsonAnswer({ error, error_description: 'said the server' }, status);
}

async function opened(
  t: { after(fn: () => Promise<void>): void },
  server: Parameters<typeof startAuthorizationServer>[0],
  way: 'issuer' | 'introspectionEndpoint' = 'introspectionEndpoint',
  more: WrittenOptions = {},
) {
  const upstream = await startAuthorizationServer(server);
  const provider = oidcIntrospection.open(optionsOf({ ...CLIENT, [way]: upstream[way], ...more }), seamsFor());
  t.after(async () => {
    await provider.close();
    await upstream.close();
  });
  return { provider, server: upstream };
}
