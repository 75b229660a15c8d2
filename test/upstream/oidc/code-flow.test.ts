// What the client of an OpenID provider takes for a sign-in, against a provider that says anything.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, test } from 'node:test';
import { Secret } from '../../../src/core/secret.ts';
import { type CodeFlow, codeFlow } from '../../../src/upstream/oidc/code-flow.ts';
import { jsonAnswer } from '../../support/fake-authorization-server.ts';
import type { FakeAnswer } from '../../support/fake-http.ts';
import { type FakeIssuer, startFakeIssuer } from '../../support/fake-issuer.ts';
import { steppingClock, testSeams } from '../../support/seams.ts';
import { makeKey, signToken } from '../../support/signed-tokens.ts';

const ATTEMPT = { state: 'state-1', nonce: 'nonce-1', verifier: 'v'.repeat(43) };
const CLIENT_ID = 'kube-auth-broker';
const SECRET = 'a-client-secret-of-32-characters';
const REDIRECT = new URL('https://broker.corp.example/callback/corp');
const KEY = makeKey();

type Claims = Readonly<Record<string, unknown>>;

interface World {
  readonly issuer: FakeIssuer;
  readonly flow: CodeFlow;
  readonly clock: ReturnType<typeof steppingClock>;
  /** Claims of a token that is right. */
  readonly claims: Claims;
  /** What becomes of this answer to the code. */
  readonly finish: (answer: FakeAnswer | Claims, query?: Readonly<Record<string, string>>) => Promise<string>;
}

async function start(t: { after(end: () => Promise<void>): void }): Promise<World> {
  const issuer = await startFakeIssuer([KEY]);
  const at = (path: string): string => `${issuer.issuer}${path}`;
  issuer.describe((document) => ({
    ...document,
    authorization_endpoint: at('/auth'),
    token_endpoint: at('/token'),
    id_token_signing_alg_values_supported: ['ES256', 'HS256', 'none'],
    authorization_response_iss_parameter_supported: true,
  }));
  const proof = { method: 'client_secret_basic', secret: new Secret(SECRET) } as const;
  const settings = { issuer: issuer.issuer, clientID: CLIENT_ID, proof, scopes: ['openid', 'groups'] };
  const clock = steppingClock();
  const flow = codeFlow(settings, testSeams({ clock }));
  t.after(async () => {
    await flow.close();
    await issuer.close();
  });
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: issuer.issuer, aud: CLIENT_ID, sub: 'alice', nonce: 'nonce-1', iat: now, exp: now + 300 };
  return {
    issuer,
    flow,
    clock,
    claims,
    finish: async (answer, query = { state: 'state-1', code: 'c', iss: issuer.issuer }) => {
      const body = { access_token: 'access', token_type: 'Bearer', ...answer };
      issuer.serve('/token', () => (isAnswer(answer) ? answer : jsonAnswer(body)));
      const callback = new URL(REDIRECT);
      callback.search = new URLSearchParams(query).toString();
      const done = await flow.finish(ATTEMPT, callback);
      return done.kind === 'tokens'
        ? `tokens of ${done.idToken.reveal().length} characters`
        : `${done.kind} ${done.reason}`;
    },
  };
}

const isAnswer = (answer: FakeAnswer | Claims): answer is FakeAnswer => 'status' in answer;

const unsigned = (claims: Claims, header: Claims): string =>
  [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');

const hmac = (claims: Claims): string => {
  const signed = unsigned(claims, { alg: 'HS256' });
  return `${signed}.${createHmac('sha256', SECRET).update(signed).digest('base64url')}`;
};

void describe('an ID token', () => {
  const rows: readonly { name: string; token: (right: Claims) => string; want: RegExp }[] = [
    { name: 'right', token: (right) => signToken(KEY, right), want: /^tokens/ },
    {
      name: 'of two audiences, this client authorised',
      token: (right) => signToken(KEY, { ...right, aud: [CLIENT_ID, 'b'], azp: CLIENT_ID }),
      want: /^tokens/,
    },
    {
      name: 'of another issuer',
      token: (right) => signToken(KEY, { ...right, iss: 'https://evil.example' }),
      want: /^rejected bad-id-token$/,
    },
    {
      name: 'for another client',
      token: (right) => signToken(KEY, { ...right, aud: 'other' }),
      want: /^rejected bad-id-token$/,
    },
    {
      name: 'for two clients, the other authorised',
      token: (right) => signToken(KEY, { ...right, aud: [CLIENT_ID, 'b'], azp: 'b' }),
      want: /^rejected bad-id-token$/,
    },
    {
      name: 'with another nonce',
      token: (right) => signToken(KEY, { ...right, nonce: 'nonce-2' }),
      want: /^rejected bad-id-token$/,
    },
    {
      name: 'without a nonce',
      token: (right) => signToken(KEY, { ...right, nonce: undefined }),
      want: /^rejected bad-id-token$/,
    },
    {
      name: 'that is over',
      token: (right) => signToken(KEY, { ...right, exp: Math.floor(Date.now() / 1000) - 60 }),
      want: /^rejected bad-id-token$/,
    },
    {
      name: 'without an end',
      token: (right) => signToken(KEY, { ...right, exp: undefined }),
      want: /^rejected bad-id-token$/,
    },
    { name: 'signed by a stranger', token: (right) => signToken(makeKey(), right), want: /^rejected bad-id-token$/ },
    {
      name: 'signed by a key that is not published',
      token: (right) => signToken(makeKey('ES256', 'elsewhere'), right),
      want: /^rejected bad-id-token$/,
    },
    {
      name: 'whose signature is cut off',
      token: (right) => `${signToken(KEY, right).split('.').slice(0, 2).join('.')}.`,
      want: /^rejected bad-id-token$/,
    },
    { name: 'unsigned', token: (right) => `${unsigned(right, { alg: 'none' })}.`, want: /^rejected bad-id-token$/ },
    { name: 'signed with the client secret', token: hmac, want: /^rejected bad-id-token$/ },
    { name: 'that is none', token: () => 'not-a-jwt', want: /^rejected bad-id-token$/ },
  ];
  for (const { name, token, want } of rows) {
    void test(name, async (t) => {
      const { finish, claims } = await start(t);
      assert.match(await finish({ id_token: token(claims) }), want);
    });
  }

  void test('that is missing is no word about the person', async (t) => {
    const { finish } = await start(t);
    assert.equal(await finish({}), 'unavailable malformed-answer');
    assert.equal(
      await finish({ status: 200, headers: { 'content-type': 'text/html' }, body: '<html>' }),
      'unavailable malformed-answer',
    );
  });
});

void describe('the way back', () => {
  const rows: readonly { name: string; query: (issuer: string) => Readonly<Record<string, string>>; want: string }[] = [
    {
      name: 'of another issuer (RFC 9207)',
      query: () => ({ state: 'state-1', code: 'c', iss: 'https://evil.example' }),
      want: 'rejected bad-id-token',
    },
    {
      name: 'without the issuer that was promised',
      query: () => ({ state: 'state-1', code: 'c' }),
      want: 'rejected bad-id-token',
    },
    {
      name: 'of another attempt',
      query: (iss) => ({ state: 'state-2', code: 'c', iss }),
      want: 'rejected bad-id-token',
    },
    {
      name: 'with a token in it',
      query: (iss) => ({ state: 'state-1', id_token: 'x', iss }),
      want: 'rejected bad-id-token',
    },
    { name: 'without a code', query: (iss) => ({ state: 'state-1', iss }), want: 'rejected bad-id-token' },
    {
      name: 'of a person who said no',
      query: (iss) => ({ state: 'state-1', error: 'access_denied', iss }),
      want: 'rejected sign-in-refused',
    },
    {
      name: 'of a provider that is busy',
      query: (iss) => ({ state: 'state-1', error: 'temporarily_unavailable', iss }),
      want: 'unavailable upstream-error',
    },
    {
      name: 'of a client that may not',
      query: (iss) => ({ state: 'state-1', error: 'unauthorized_client', iss }),
      want: 'unavailable client-refused',
    },
  ];
  for (const { name, query, want } of rows) {
    void test(name, async (t) => {
      const { finish, claims, issuer } = await start(t);
      assert.equal(await finish({ id_token: signToken(KEY, claims) }, query(issuer.issuer)), want);
      assert.deepEqual(issuer.asked('/token'), [], 'no code and no secret is sent');
    });
  }

  void test('sends code, verifier and proof to the token endpoint, once', async (t) => {
    const { finish, claims, issuer } = await start(t);
    await finish({ id_token: signToken(KEY, claims) });
    const [asked, ...others] = issuer.asked('/token');
    assert.deepEqual(others, []);
    const form = Object.fromEntries(new URLSearchParams(asked?.body));
    assert.deepEqual(form, {
      grant_type: 'authorization_code',
      code: 'c',
      redirect_uri: REDIRECT.href,
      code_verifier: ATTEMPT.verifier,
    });
    const basic = Buffer.from(asked?.headers.authorization?.replace('Basic ', '') ?? '', 'base64').toString();
    assert.equal(decodeURIComponent(basic), `${CLIENT_ID}:${SECRET}`);
  });
});

void describe('a provider', () => {
  for (const member of ['authorization_endpoint', 'token_endpoint', 'jwks_uri']) {
    for (const address of ['http://idp.example/', 'javascript:alert(1)', 7]) {
      void test(`whose ${member} is ${address} is not asked`, async (t) => {
        const { issuer, flow } = await start(t);
        issuer.describe((document) => ({
          ...document,
          authorization_endpoint: `${issuer.issuer}/auth`,
          token_endpoint: `${issuer.issuer}/token`,
          [member]: address,
        }));
        const begun = await flow.begin(ATTEMPT, REDIRECT);
        assert.equal(begun.kind === 'unavailable' && begun.reason, 'malformed-answer');
      });
    }
  }

  void test('that is away is an outage, and asked again when it is back', async (t) => {
    const { issuer, flow, clock } = await start(t);
    await issuer.breakWith('refuses connections');
    const away = await flow.begin(ATTEMPT, REDIRECT);
    assert.equal(away.kind === 'unavailable' && away.reason, 'connection-refused');
    await issuer.breakWith(undefined);
    clock.step(1000);
    assert.equal((await flow.begin(ATTEMPT, REDIRECT)).kind, 'at');
  });
});
