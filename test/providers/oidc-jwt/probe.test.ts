// What `check --connect` shows of an issuer.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { oidcJwt } from '../../../providers/oidc-jwt.ts';
import type { ProbeStep } from '../../../src/core/provider.ts';
import { issueLoopback, makeAuthority } from '../../support/certificates.ts';
import { jsonAnswer } from '../../support/fake-authorization-server.ts';
import { type FakeIssuer, startFakeIssuer } from '../../support/fake-issuer.ts';
import { optionsOf } from '../../support/options.ts';
import { deadline } from '../../support/patience.ts';
import { testSeams } from '../../support/seams.ts';
import { keySetOf, makeKey } from '../../support/signed-tokens.ts';
import { AUDIENCE, KEY } from './setup.ts';

const authority = makeAuthority('test authority');
/** Long enough that nothing warns of its end. */
const notAfter = new Date(Date.now() + 90 * 24 * 3_600_000);
const tls = issueLoopback(authority, { notAfter });

const WAY = ['ok resolve localhost', 'ok connect to localhost', 'ok TLS with localhost'];
const DOCUMENT = 'discovery document of https://localhost';
const rows: readonly {
  readonly name: string;
  readonly given: (issuer: FakeIssuer) => void;
  readonly options?: object;
  readonly want: readonly string[];
  readonly detail?: RegExp;
}[] = [
  {
    name: 'a healthy issuer, with the names of its keys',
    given: () => undefined,
    want: [...WAY, `ok ${DOCUMENT}`, 'ok keys at https://localhost/jwks'],
    detail: /^1 for RS256, ES256: first$/,
  },
  {
    name: 'keys that are of no use',
    given: (issuer) => issuer.publish(jsonAnswer({ keys: [KEY.jwk, { kty: 'oct', kid: 'shared', k: 'AA' }] })),
    want: [...WAY, `ok ${DOCUMENT}`, 'ok keys at https://localhost/jwks'],
    detail: /; key "shared" is of type "oct"$/,
  },
  {
    name: 'keys for other algorithms',
    given: (issuer) => issuer.publish(makeKey('ES384', 'long')),
    want: [...WAY, `ok ${DOCUMENT}`, 'failed keys at https://localhost/jwks'],
    detail: /compare signingAlgorithms$/,
  },
  {
    name: 'no keys',
    given: (issuer) => issuer.publish({ status: 500 }),
    want: [...WAY, `ok ${DOCUMENT}`, 'failed keys at https://localhost/jwks'],
    detail: /^upstream-error: /,
  },
  {
    name: 'another issuer',
    given: (issuer) => issuer.describe((document) => ({ ...document, issuer: 'https://elsewhere.example' })),
    want: [...WAY, `failed ${DOCUMENT}`],
    detail: /names another issuer/,
  },
  {
    name: 'a certificate of a stranger',
    given: () => undefined,
    options: { certificateAuthority: makeAuthority('stranger').cert },
    want: [...WAY.slice(0, 2), 'failed TLS with localhost'],
  },
];

void describe('the probe of an issuer', () => {
  for (const { name, given, options = {}, want, detail = /./ } of rows) {
    void test(`shows ${name}`, async (t) => {
      const issuer = await startFakeIssuer([KEY], { tls });
      given(issuer);
      const written = { url: issuer.issuer, audiences: [AUDIENCE], certificateAuthority: authority.cert, ...options };
      const provider = oidcJwt.open(optionsOf(oidcJwt, { issuer: written }), testSeams());
      t.after(async () => {
        await provider.close();
        await issuer.close();
      });
      const steps: ProbeStep[] = [];
      await provider.probe((step) => void steps.push(step), deadline(5000));
      assert.deepEqual(
        steps.map(({ step, result }) => `${result} ${step.replace(/:\d+/, '')}`),
        want,
      );
      assert.match(steps.at(-1)?.detail ?? '', detail);
    });
  }

  void test('shows the keys of a file, and asks nobody', async () => {
    const files = { '/etc/broker/keys': JSON.stringify(keySetOf(KEY)) };
    const given = { issuer: { url: 'https://idp.corp.example', audiences: [AUDIENCE] }, keysFile: 'keys' };
    const provider = oidcJwt.open(optionsOf(oidcJwt, given, files), testSeams());
    const steps: ProbeStep[] = [];
    await provider.probe((step) => void steps.push(step), deadline(5000));
    assert.deepEqual(steps, [{ step: 'keys of keysFile', result: 'ok', detail: '1 for RS256, ES256: first' }]);
    await provider.close();
  });
});
