// What `check --connect` shows of an authorization server.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { oidcIntrospection } from '../../../providers/oidc-introspection.ts';
import { issueLoopback, makeAuthority } from '../../support/certificates.ts';
import {
  type AuthorizationServerOptions,
  CLIENT_SECRET,
  jsonAnswer,
  startAuthorizationServer,
} from '../../support/fake-authorization-server.ts';
import { CLIENT, optionsOf, probeSteps, seamsFor } from './setup.ts';

const AS_CLIENT = 'client authentication as kube-auth-broker (client_secret_basic)';
const authority = makeAuthority('test authority');
/** Long enough that nothing warns of its end. */
const notAfter = new Date(Date.now() + 90 * 24 * 3_600_000);
const tls = issueLoopback(authority, { notAfter });

interface Row {
  readonly name: string;
  readonly given: AuthorizationServerOptions;
  readonly way?: 'issuer' | 'introspectionEndpoint';
  /** `result step` of each step; the port is left out. */
  readonly want: readonly string[];
}

const WAY = ['ok resolve localhost', 'ok connect to localhost', 'ok TLS with localhost'];
const ROWS: readonly Row[] = [
  {
    name: 'a healthy issuer',
    given: {},
    want: [...WAY, 'ok discovery document of https://localhost', 'ok introspection endpoint', `ok ${AS_CLIENT}`],
  },
  {
    name: 'a healthy endpoint',
    given: {},
    way: 'introspectionEndpoint',
    want: [...WAY, 'ok introspection endpoint', `ok ${AS_CLIENT}`],
  },
  {
    name: 'a certificate of a stranger',
    given: { tls: issueLoopback(makeAuthority('stranger')) },
    want: [...WAY.slice(0, 2), 'failed TLS with localhost'],
  },
  {
    name: 'no discovery document',
    given: { discovery: () => ({ status: 404 }) },
    want: [...WAY, 'failed discovery document of https://localhost'],
  },
  {
    name: 'a discovery document without the endpoint',
    given: { discovery: ({ issuer }) => ({ issuer }) },
    want: [...WAY, 'failed discovery document of https://localhost'],
  },
  {
    name: 'a wrong client secret',
    given: { clientSecret: 'another' },
    want: [...WAY, 'ok discovery document of https://localhost', 'ok introspection endpoint', `failed ${AS_CLIENT}`],
  },
  {
    name: 'a server that calls everything active',
    given: { introspect: () => ({ active: true, sub: 'root' }) },
    way: 'introspectionEndpoint',
    want: [...WAY, 'ok introspection endpoint', `failed ${AS_CLIENT}`],
  },
  {
    name: 'a server that knows no opaque tokens, but the client',
    given: { introspect: () => jsonAnswer({ error: 'unsupported_token_type' }, 400) },
    way: 'introspectionEndpoint',
    want: [...WAY, 'ok introspection endpoint', `ok ${AS_CLIENT}`],
  },
];

void describe('the probe of an authorization server', () => {
  for (const { name, given, want, way = 'issuer' } of ROWS) {
    void test(`shows ${name}`, async (t) => {
      const server = await startAuthorizationServer({ tls, ...given });
      const written = { ...CLIENT, [way]: server[way], tls: { caFile: 'ca.pem' } };
      const provider = oidcIntrospection.open(optionsOf(written, { 'ca.pem': authority.cert }), seamsFor());
      t.after(async () => {
        await provider.close();
        await server.close();
      });
      const steps = await probeSteps(provider);
      const seen = steps.map(({ step, result }) => `${result} ${step.replace(/:\d+$/, '')}`);
      assert.deepEqual(seen, want);
      assert.equal(JSON.stringify(steps).includes(CLIENT_SECRET), false);
      for (const { result, detail } of steps)
        assert.ok(result === 'ok' || /\.|;/.test(detail ?? ''), 'says what to do');
    });
  }
});
