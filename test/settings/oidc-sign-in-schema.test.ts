// What `portal.signIn.oidc` may say, and what is wrong with the rest.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { configOf, faultsOf, ISSUED, ISSUER, PORTAL, STAFF } from './issuer-setup.ts';

const CORP = { name: 'Corp SSO', issuer: 'https://idp.corp.example', clientID: 'broker' };
const BEARER = { name: 'corp', type: 'oidc-jwt', options: { issuer: { url: CORP.issuer, audiences: ['broker'] } } };

const signIn = (...oidc: readonly object[]): object => ({
  issuer: ISSUER,
  portal: { ...PORTAL, publicURL: 'https://broker.corp.example/tools', signIn: { oidc } },
});

const methodOf = (more: object): string | undefined =>
  configOf(signIn({ ...CORP, ...more })).portal?.oidc?.[0]?.client.proof?.method;

void describe('portal.signIn.oidc', () => {
  void test('has a redirect address below publicURL, a public client and the ID token unless told', () => {
    const [button] = configOf(signIn(CORP)).portal?.oidc ?? [];
    assert.equal(button?.redirectURL.href, 'https://broker.corp.example/tools/callback/corp-sso');
    assert.deepEqual([button?.token, button?.endpoint], ['id_token', '/authenticate']);
    assert.deepEqual(button?.client, {
      issuer: 'https://idp.corp.example',
      clientID: 'broker',
      scopes: ['openid', 'profile', 'email'],
    });
  });

  void test('a secret is sent as HTTP Basic unless told', () => {
    const secret = { clientSecret: { file: 'strong.secret' } };
    assert.equal(methodOf(secret), 'client_secret_basic');
    assert.equal(methodOf({ ...secret, authMethod: 'client_secret_post' }), 'client_secret_post');
  });

  void test('an address is made of any name', () => {
    const names = ['Entra ID (München)', 'Gîtlab', '公司', '社員'];
    const oidc = names.map((name) => ({ ...CORP, name }));
    const slugs = configOf(signIn(...oidc)).portal?.oidc?.map(({ slug }) => slug) ?? [];
    assert.deepEqual(slugs.slice(0, 2), ['entra-id-munchen', 'gitlab']);
    assert.equal(new Set(slugs).size, 4);
    for (const slug of slugs) assert.match(slug, /^[a-z0-9-]+$/);
  });

  const rows: readonly { name: string; given: object; want: RegExp }[] = [
    { name: 'no button', given: signIn(), want: /^portal\.signIn\.oidc: must not be empty$/ },
    {
      name: 'a name twice',
      given: signIn(CORP, CORP),
      want: /^portal\.signIn\.oidc\[1\]\.name: Corp SSO is there already/,
    },
    {
      name: 'an address twice',
      given: signIn(CORP, { ...CORP, name: 'corp-sso' }),
      want: /has the redirect address of Corp SSO/,
    },
    {
      name: 'an issuer in clear',
      given: signIn({ ...CORP, issuer: 'http://idp.corp.example' }),
      want: /^portal\.signIn\.oidc\[0\]\.issuer: must use https/,
    },
    {
      name: 'the address of a document',
      given: signIn({ ...CORP, issuer: 'https://idp.example/.well-known/openid-configuration' }),
      want: /must be the issuer itself/,
    },
    { name: 'no scope openid', given: signIn({ ...CORP, scopes: ['email'] }), want: /\.scopes: must hold openid/ },
    {
      name: 'two scopes in one',
      given: signIn({ ...CORP, scopes: ['openid email'] }),
      want: /\.scopes\[0\]: must be a scope/,
    },
    {
      name: 'a token of another kind',
      given: signIn({ ...CORP, token: 'refresh_token' }),
      want: /\.token: must be id_token or access_token/,
    },
    {
      name: 'an unknown endpoint',
      given: { ...signIn({ ...CORP, endpoint: '/autenticate' }), webhook: { endpoints: [{ path: '/authenticate' }] } },
      want: /^portal\.signIn\.oidc\[0\]\.endpoint: there is no endpoint \/autenticate \(did you mean/,
    },
    {
      name: 'a proof without its key',
      given: signIn({ ...CORP, authMethod: 'private_key_jwt' }),
      want: /\.authMethod: private_key_jwt needs privateKey/,
    },
    {
      name: 'a method without a secret',
      given: signIn({ ...CORP, authMethod: 'client_secret_post' }),
      want: /\.authMethod: client_secret_post needs clientSecret/,
    },
    {
      name: 'the broker itself',
      given: signIn({ ...CORP, issuer: ISSUER.name }),
      want: /^portal\.signIn\.oidc\[0\]\.issuer: is issuer\.name/,
    },
  ];
  for (const { name, given, want } of rows) {
    void test(`is refused: ${name}`, () => {
      const faults = faultsOf(given);
      assert.equal(faults.length, 1, faults.join('\n'));
      assert.match(faults[0] ?? '', want);
    });
  }

  void test('a chain that takes no such token, and an endpoint that takes no issued one, are warned of', () => {
    const { warnings } = configOf(signIn(CORP));
    assert.deepEqual(
      warnings.filter((warning) => warning.includes('portal.signIn.oidc')),
      [
        'portal.signIn.oidc Corp SSO: no provider of /authenticate takes its tokens, so nobody gets in there; add one of type oidc-jwt',
      ],
    );
    const both = { ...signIn(CORP), providers: [STAFF, ISSUED, BEARER] };
    assert.deepEqual(
      configOf(both).warnings.filter((warning) => warning.includes('portal.signIn.oidc')),
      [],
    );
  });
});
