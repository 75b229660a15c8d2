// http-basic against a real HTTPS server on loopback: the contract first, then its own table.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { httpBasic } from '../../providers/http-basic.ts';
import { providerContract } from '../contract/provider-contract.ts';
import { passwordCredential } from '../contract/provider-world.ts';
import { issueLoopback, makeAuthority } from '../support/certificates.ts';
import { basicAuth, type FakeAnswer, type FakeHandler, type FakeHttp, startFakeHttp } from '../support/fake-http.ts';
import { optionsOf, parseOptions } from '../support/options.ts';
import { json, loginAt } from './http-basic/setup.ts';

const authority = makeAuthority('test authority');
const tls = issueLoopback(authority);
const strangerTls = issueLoopback(makeAuthority('another authority'));
const CA_FILE = { '/etc/broker/ca.crt': authority.cert };

providerContract({
  name: 'http-basic',
  accepts: 'password',
  wrongSecret: { kind: 'abstained', reason: 'not-authenticated' },
  open: async (accounts, seams) => {
    const passwords = new Map(accounts.map(({ name, secret }) => [name, secret]));
    const handler = basicAuth(passwords, (name) => json({ username: name, id: `id of ${name}`, groups: ['devs'] }));
    const upstream = await startFakeHttp({ tls, strangerTls, handler });
    const given = { url: `${upstream.origin}/auth`, tls: { caFile: 'ca.crt' } };
    return {
      provider: httpBasic.open(optionsOf(httpBasic, given, CA_FILE), seams),
      upstream,
      credentialOf: passwordCredential,
      claimsOf: ({ name }) => ({ subject: `id of ${name}`, attributes: { username: name, groups: ['devs'] } }),
      close: () => upstream.close(),
    };
  },
});

const data = (fields: object): object => Object.assign(Object.create(null), fields);

function latin1(type: string): FakeHandler {
  return (_request, response) => {
    response.writeHead(200, { 'content-type': type }).end(Buffer.from('{"username":"J\u00fcrgen"}', 'latin1'));
    return 'handled';
  };
}

void describe('an answer of the upstream', () => {
  let upstream: FakeHttp;
  let answer: FakeAnswer | FakeHandler = { status: 200 };
  before(async () => {
    upstream = await startFakeHttp({
      handler: (request, response) => (typeof answer === 'function' ? answer(request, response) : answer),
    });
  });
  after(() => upstream.close());

  const verdicts: readonly { name: string; given: FakeAnswer | FakeHandler; options?: object; want: string }[] = [
    { name: '200', given: { status: 200 }, want: 'authenticated' },
    { name: '204', given: { status: 204 }, want: 'authenticated' },
    { name: '201', given: { status: 201 }, want: 'unavailable unexpected-status' },
    { name: '201 that is accepted', given: { status: 201 }, options: { acceptStatus: [201] }, want: 'authenticated' },
    { name: '401', given: { status: 401 }, want: 'abstained not-authenticated' },
    { name: '403', given: { status: 403 }, want: 'rejected forbidden' },
    {
      name: '403 that is not configured',
      given: { status: 403 },
      options: { rejectStatus: [401] },
      want: 'unavailable unexpected-status',
    },
    {
      name: '404 that is configured',
      given: { status: 404 },
      options: { rejectStatus: [401, 404] },
      want: 'abstained not-authenticated',
    },
    { name: '404', given: { status: 404 }, want: 'unavailable unexpected-status' },
    { name: '302', given: { status: 302, headers: { location: '/login' } }, want: 'unavailable redirected' },
    { name: '307', given: { status: 307, headers: { location: '/login' } }, want: 'unavailable redirected' },
    { name: '429', given: { status: 429 }, want: 'unavailable rate-limited' },
    { name: '500', given: { status: 500 }, want: 'unavailable upstream-error' },
    { name: '503', given: { status: 503 }, want: 'unavailable upstream-error' },
    {
      name: 'gzip',
      given: { status: 200, headers: { 'content-encoding': 'gzip' }, body: 'x' },
      want: 'unavailable malformed-answer',
    },
    { name: 'JSON that is truncated', given: { ...json({}), body: '{"user":' }, want: 'unavailable malformed-answer' },
    { name: 'JSON that is a list', given: json(['alice']), want: 'unavailable malformed-answer' },
    { name: 'JSON that is null', given: json(null), want: 'unavailable malformed-answer' },
    {
      name: 'JSON that is truncated, of a type of its own',
      given: { ...json({}, { 'content-type': 'Application/Problem+JSON; charset=utf-8' }), body: '{' },
      want: 'unavailable malformed-answer',
    },
    { name: 'JSON in Latin-1', given: latin1('application/json'), want: 'unavailable malformed-answer' },
    { name: 'a page in Latin-1', given: latin1('text/html'), want: 'authenticated' },
    { name: 'JSON of no byte', given: { ...json({}), body: '' }, want: 'authenticated' },
  ];
  for (const { name, given, options = {}, want } of verdicts) {
    void test(`${name} is ${want}`, async () => {
      answer = given;
      const verdict = await loginAt(upstream, options);
      assert.equal('reason' in verdict ? `${verdict.kind} ${verdict.reason}` : verdict.kind, want);
      assert.equal(
        upstream.seen.some(({ path }) => path === '/login'),
        false,
      );
    });
  }

  const plain = { username: 'alice', subject: 'alice' };
  const claims: readonly { name: string; given: FakeAnswer; options?: object; want: object }[] = [
    { name: 'no body', given: { status: 200 }, want: plain },
    {
      name: 'a body that is text',
      given: { status: 200, headers: { 'content-type': 'text/html' }, body: '{"a":1}' },
      want: plain,
    },
    { name: 'nothing in JSON of spaces', given: { ...json({}), body: ' \n' }, want: plain },
    { name: 'JSON after a byte order mark', given: { ...json({}), body: '\ufeff{"a":1}' }, want: { ...plain, a: 1 } },
    {
      name: 'the name as OpenShift has it',
      given: json({ sub: 'a1', name: 'Alice Doe', email: 'a@corp.example', preferred_username: 'alice.d' }),
      want: {
        sub: 'a1',
        name: 'Alice Doe',
        email: 'a@corp.example',
        preferred_username: 'alice.d',
        username: 'alice.d',
        subject: 'a1',
      },
    },
    {
      name: 'the name as the upstream spells it',
      given: json({ username: 'Alice', mail: 'a@corp.example', __proto__x: 1 }),
      want: { username: 'Alice', mail: 'a@corp.example', __proto__x: 1, subject: 'Alice' },
    },
    { name: 'a name that is no text', given: json({ username: 7 }), want: plain },
    {
      name: 'sub before id',
      given: json({ sub: 's-1', id: 'i-1' }),
      want: { ...plain, sub: 's-1', id: 'i-1', subject: 's-1' },
    },
    { name: 'an id that is a number', given: json({ id: 42 }), want: { ...plain, id: 42 } },
    {
      name: 'the listed headers, as UTF-8, and no other',
      given: json({}, { 'X-Groups': 'devs', 'X-Name': Buffer.from('Jürgen').toString('latin1'), 'X-Else': 'no' }),
      options: { headers: ['X-Groups', 'x-name', 'x-absent'] },
      want: {
        ...plain,
        'headers.x-groups': 'devs',
        'headers.x-name': 'Jürgen',
        headers: data({ 'x-groups': 'devs', 'x-name': 'Jürgen' }),
      },
    },
    {
      name: 'a header that is repeated',
      given: json({}, { 'X-Group': ['devs', 'ops'] }),
      options: { headers: ['x-group'] },
      want: { ...plain, 'headers.x-group': ['devs', 'ops'], headers: data({ 'x-group': ['devs', 'ops'] }) },
    },
    {
      name: 'no header, if the listed ones are absent',
      given: json({}),
      options: { headers: ['x-absent'] },
      want: { ...plain, headers: data({}) },
    },
    {
      name: "the body's own field headers",
      given: json({ headers: 'mine' }, { 'x-group': 'devs' }),
      options: { headers: ['x-group'] },
      want: { ...plain, 'headers.x-group': 'devs', headers: 'mine' },
    },
    { name: 'nothing from HEAD', given: { status: 200 }, options: { method: 'HEAD' }, want: plain },
  ];
  for (const { name, given, options = {}, want } of claims) {
    void test(`states ${name}`, async () => {
      answer = given;
      const verdict = await loginAt(upstream, options);
      assert.ok(verdict.kind === 'authenticated');
      assert.deepEqual({ ...verdict.value.attributes }, want);
    });
  }

  void test('is never asked for a name that Basic credentials cannot carry', async () => {
    const asked = upstream.exchanges();
    const verdict = await loginAt(upstream, {}, 'a:b');
    assert.equal(verdict.kind === 'abstained' && verdict.reason, 'login-failed');
    assert.equal(upstream.exchanges(), asked);
  });

  void test('POST is sent as POST, with the credentials in UTF-8', async () => {
    answer = { status: 200 };
    await loginAt(upstream, { method: 'POST' }, 'jürgen');
    const last = upstream.seen.at(-1);
    assert.equal(last?.method, 'POST');
    assert.equal(last?.headers.authorization, `Basic ${Buffer.from('jürgen:secret').toString('base64')}`);
  });
});

void describe('options', () => {
  const url = 'https://auth.corp.example/check';
  const rows = [
    { name: 'plain http to another host', given: { url: 'http://auth.corp.example' }, want: /^url: must use https/ },
    {
      name: 'a redirect as acceptance',
      given: { url, acceptStatus: [302] },
      want: /^acceptStatus.0: only a status from 200/,
    },
    {
      name: 'an outage as refusal',
      given: { url, rejectStatus: [401, 500] },
      want: /^rejectStatus.1: only a status from 300/,
    },
    { name: '429 as refusal', given: { url, rejectStatus: [429] }, want: /^rejectStatus.0: .*never 429/ },
    {
      name: 'a session cookie as claim',
      given: { url, headers: ['Set-Cookie'] },
      want: /^headers.0: carries credentials/,
    },
    { name: 'a header name with a space', given: { url, headers: ['x y'] }, want: /^headers.0: is not the name/ },
    { name: 'another method', given: { url, method: 'PUT' }, want: /^method: / },
    { name: 'tls without https', given: { url: 'http://localhost', tls: {} }, want: /^tls: tls needs/ },
    { name: 'an unknown key', given: { url, acceptedStatus: [200] }, want: /unknown key/ },
  ];
  for (const { name, given, want } of rows) {
    void test(`refuse ${name}`, () => {
      const parsed = parseOptions(httpBasic, given);
      assert.match('faults' in parsed ? parsed.faults.join('\n') : 'accepted', want);
    });
  }

  void test('have defaults, and a warning when the canary is off', () => {
    const { method, acceptStatus, rejectStatus, headers, canary } = optionsOf(httpBasic, { url });
    assert.deepEqual(
      { method, acceptStatus, rejectStatus, headers, canary },
      { method: 'GET', acceptStatus: [200, 204], rejectStatus: [401, 403], headers: [], canary: true },
    );
    assert.deepEqual(httpBasic.warnings?.(optionsOf(httpBasic, { url })), []);
    assert.match(httpBasic.warnings?.(optionsOf(httpBasic, { url, canary: false })).join() ?? '', /canary is off/);
  });
});
