// When endpoints are discovered, when again, and what serves while the issuer is away.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { oidcIntrospection } from '../../../providers/oidc-introspection.ts';
import { ENDPOINT_TIMES, FIRST_RETRY_MS, LAST_RETRY_MS } from '../../../src/upstream/oidc/discovery.ts';
import {
  type FakeAuthorizationServer,
  type Introspection,
  jsonAnswer,
  startAuthorizationServer,
} from '../../support/fake-authorization-server.ts';
import type { FakeAnswer } from '../../support/fake-http.ts';
import { until } from '../../support/settled.ts';
import { createSinks } from '../../support/sinks.ts';
import { CLIENT, login, optionsOf, outcomeOf, seamsFor, type WrittenOptions } from './setup.ts';

const WELL_KNOWN = '/.well-known/openid-configuration';

interface Row {
  readonly name: string;
  readonly given: (document: Introspection) => Introspection | FakeAnswer;
  readonly want: string;
  readonly options?: WrittenOptions;
}

const BAD = 'unavailable malformed-answer';
const ROWS: readonly Row[] = [
  { name: 'a good document', given: (document) => document, want: 'authenticated' },
  { name: 'another issuer', given: (document) => ({ ...document, issuer: 'https://elsewhere.example' }), want: BAD },
  {
    name: 'the issuer with a slash more',
    given: (document) => ({ ...document, issuer: `${String(document['issuer'])}/` }),
    want: BAD,
  },
  { name: 'an issuer that is no text', given: (document) => ({ ...document, issuer: 7 }), want: BAD },
  { name: 'an issuer that is no URL', given: (document) => ({ ...document, issuer: 'corp' }), want: BAD },
  { name: 'no introspection endpoint', given: ({ issuer }) => ({ issuer }), want: BAD },
  {
    name: 'an introspection endpoint in clear',
    given: (document) => ({ ...document, introspection_endpoint: 'http://idp.corp.example/introspect' }),
    want: BAD,
  },
  {
    name: 'an introspection endpoint that only looks like loopback',
    given: (document) => ({ ...document, introspection_endpoint: 'http://127.0.0.1.corp.example/introspect' }),
    want: BAD,
  },
  {
    name: 'an introspection endpoint at another origin, where the client secret would be sent',
    given: (document) => ({ ...document, introspection_endpoint: 'https://elsewhere.example/introspect' }),
    want: BAD,
  },
  {
    name: 'an introspection endpoint at another port of the same host',
    given: (document) => ({ ...document, introspection_endpoint: 'http://localhost:1/introspect' }),
    want: BAD,
  },
  {
    name: 'a userinfo endpoint at another origin, where the token would be sent',
    given: (document) => ({ ...document, userinfo_endpoint: 'https://elsewhere.example/userinfo' }),
    options: { userinfo: true },
    want: BAD,
  },
  {
    name: 'an introspection endpoint that is no web address',
    given: (document) => ({ ...document, introspection_endpoint: 'file:///etc/passwd' }),
    want: BAD,
  },
  {
    name: 'no userinfo endpoint, which nobody needs',
    given: (document) => ({ ...document, userinfo_endpoint: undefined }),
    want: 'authenticated',
  },
  {
    name: 'no userinfo endpoint, which is needed',
    given: (document) => ({ ...document, userinfo_endpoint: undefined }),
    options: { userinfo: true },
    want: BAD,
  },
  { name: 'a list', given: (document) => jsonAnswer([document]), want: BAD },
  {
    name: 'a page instead',
    given: () => ({ status: 200, headers: { 'content-type': 'text/html' }, body: '<p>' }),
    want: BAD,
  },
  { name: 'a redirect', given: () => ({ status: 302, headers: { location: '/x' } }), want: 'unavailable redirected' },
  { name: '404', given: () => ({ status: 404 }), want: 'unavailable unexpected-status' },
  { name: '500', given: () => ({ status: 500 }), want: 'unavailable upstream-error' },
];

void describe('a discovery document', () => {
  for (const { name, given, want, options = {} } of ROWS) {
    void test(`with ${name} is ${want}`, async (t) => {
      const { provider, server } = await opened(t, given, options);
      assert.equal(outcomeOf(await login(provider, 'token')), want);
      assert.equal(server.asked('/introspect').length, want === 'authenticated' ? 1 : 0, 'no token goes astray');
    });
  }
});

void describe('discovery', () => {
  void test('asks nobody until the first review, then once for any number of reviews', async (t) => {
    const { provider, server } = await opened(t);
    assert.equal(server.accepted(), 0);
    await Promise.all(Array.from({ length: 20 }, () => login(provider, 'token')));
    assert.equal(server.asked(WELL_KNOWN).length, 1);
    assert.equal(server.asked('/introspect').length, 20);
  });

  void test('that failed is tried again after a growing pause, never faster', async (t) => {
    const { provider, server, clock } = await opened(t);
    await server.breakWith('answers with an error of its own');
    for (const pauseMs of [FIRST_RETRY_MS, FIRST_RETRY_MS * 2, FIRST_RETRY_MS * 4, LAST_RETRY_MS, LAST_RETRY_MS]) {
      const before = server.exchanges();
      // oxlint-disable-next-line no-await-in-loop -- one after another
      assert.equal(outcomeOf(await login(provider, 'token')), 'unavailable upstream-error');
      assert.equal(server.exchanges(), before + 1);
      clock.pass(pauseMs - 1);
      // oxlint-disable-next-line no-await-in-loop -- one after another
      assert.equal(outcomeOf(await login(provider, 'token')), 'unavailable upstream-error');
      assert.equal(server.exchanges(), before + 1, 'within the pause the answer is at hand');
      clock.pass(1);
    }
    await server.breakWith(undefined);
    assert.equal(outcomeOf(await login(provider, 'token')), 'authenticated');
  });

  void test('is repeated after hours, beside the reviews', async (t) => {
    const { provider, server, clock } = await opened(t);
    await login(provider, 'token');
    clock.pass(ENDPOINT_TIMES.renewAfterMs - 1);
    await login(provider, 'token');
    assert.equal(server.asked(WELL_KNOWN).length, 1);
    clock.pass(1);
    await login(provider, 'token');
    await until('the document is read again', () => server.asked(WELL_KNOWN).length === 2);
  });

  void test('that fails later keeps the last good document, says so, and is tried again a minute later', async (t) => {
    const broken = { is: false };
    const { provider, server, clock, sinks } = await opened(t, (document) =>
      broken.is ? { ...document, issuer: 'https://elsewhere.example' } : document,
    );
    await login(provider, 'token');
    broken.is = true;
    clock.pass(ENDPOINT_TIMES.renewAfterMs);
    assert.equal(outcomeOf(await login(provider, 'token')), 'authenticated');
    await until('the failure is logged', () => sinks.logLines().length === 1);
    assert.match(sinks.logLines()[0] ?? '', /"warn".*what was found last serves on.*malformed-answer/);
    clock.pass(ENDPOINT_TIMES.retryMs - 1);
    assert.equal(outcomeOf(await login(provider, 'token')), 'authenticated');
    assert.equal(server.asked(WELL_KNOWN).length, 2);
    clock.pass(1);
    assert.equal(outcomeOf(await login(provider, 'token')), 'authenticated');
    await until('the document is read again', () => server.asked(WELL_KNOWN).length === 3);
  });

  void test('of an issuer that hangs does not hold a review beyond its deadline', async (t) => {
    const { provider, server } = await opened(t);
    await server.breakWith('hangs');
    assert.equal(outcomeOf(await login(provider, 'token', AbortSignal.timeout(50))), 'unavailable timeout');
  });

  void test('of an issuer with a path looks below it, and with a slash at its end keeps it', async (t) => {
    const { server } = await opened(t);
    const issuer = `${server.issuer}/realms/corp/`;
    const provider = oidcIntrospection.open(optionsOf({ ...CLIENT, issuer }), seamsFor());
    t.after(() => provider.close());
    await login(provider, 'token');
    assert.equal(server.asked('/realms/corp/.well-known/openid-configuration').length, 1);
  });
});

async function opened(
  t: { after(fn: () => Promise<void>): void },
  discovery: Row['given'] = (document) => document,
  options: WrittenOptions = {},
) {
  const server: FakeAuthorizationServer = await startAuthorizationServer({
    introspect: () => ({ active: true, sub: 'a1' }),
    userinfo: () => ({ sub: 'a1' }),
    discovery,
  });
  const sinks = createSinks();
  const clock = steppingClock();
  const seams = seamsFor({ clock, log: sinks.log });
  const provider = oidcIntrospection.open(optionsOf({ ...CLIENT, issuer: server.issuer, ...options }), seams);
  t.after(async () => {
    await provider.close();
    await server.close();
  });
  return { provider, server, sinks, clock };
}

function steppingClock() {
  let passedMs = 0;
  return {
    now: () => Date.now(),
    monotonicMs: () => passedMs,
    pass: (ms: number) => {
      passedMs += ms;
    },
  };
}
