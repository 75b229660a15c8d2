// What the section `portal` may say, and what it demands of the others.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { configOf, faultsOf, HEADER, ISSUED, ISSUER, PORTAL, STAFF, TLS } from './issuer-setup.ts';

const sections = (portal: object): object => ({ issuer: ISSUER, portal });

void describe('portal', () => {
  void test('listens on loopback, and is found there unless told', () => {
    const { portal } = configOf(sections(PORTAL));
    assert.deepEqual(portal?.address, { host: '127.0.0.1', port: 8081 });
    assert.equal(portal.publicURL.href, 'http://127.0.0.1:8081/');
    assert.equal(portal.passwordEndpoint, '/authenticate');
    const { portal: told } = configOf(sections({ ...PORTAL, publicURL: 'https://tools.corp.example/broker' }));
    assert.equal(told?.publicURL.href, 'https://tools.corp.example/broker/');
  });

  void test('has the headers of kubehook, and both proofs of a peer', () => {
    const header = { trustedAddresses: ['127.0.0.1', '10.0.0.0/8', 'fd00::/8'], trustedClientNames: ['oauth2-proxy'] };
    const { portal } = configOf(sections({ tls: { ...TLS, clientCAFile: 'ca.crt' }, signIn: { header } }));
    const { trusted, ...names } = portal?.header ?? { trusted: {} };
    assert.deepEqual(names, {
      user: 'x-forwarded-user',
      groups: 'x-forwarded-groups',
      groupsDelimiter: ';',
      endpoint: '/authenticate',
    });
    const { addresses } = trusted;
    const inside = (['10.9.8.7', '127.0.0.1', '127.0.0.2'] as const).map((address) => addresses?.check(address));
    assert.deepEqual([...inside, addresses?.check('fd12::1', 'ipv6')], [true, true, false, true]);
  });

  void test('signs in by header for the first endpoint that takes issued tokens, unless told', () => {
    const endpoints = [{ path: '/a', providers: ['staff'] }, { path: '/b' }, { path: '/c' }];
    const endpointOf = (header: object): string | undefined =>
      configOf({ ...sections({ signIn: { header } }), webhook: { endpoints } }).portal?.header?.endpoint;
    assert.deepEqual([endpointOf(HEADER), endpointOf({ ...HEADER, endpoint: '/c' })], ['/b', '/c']);
  });

  const rows: readonly { name: string; portal: object; more?: object; want: RegExp }[] = [
    { name: 'no way to sign in', portal: { signIn: {} }, want: /^portal\.signIn: password, header or oidc is needed/ },
    {
      name: 'plain text for others to read',
      portal: { ...PORTAL, address: '0.0.0.0:8080' },
      want: /^portal\.address: 0\.0\.0\.0 is not a loopback address, and passwords must not travel in clear: configure portal\.tls$/,
    },
    {
      name: 'a proxy that nobody knows',
      portal: { signIn: { header: {} } },
      want: /anybody could claim to be anybody/,
    },
    {
      name: 'a name without mutual TLS',
      portal: { tls: TLS, signIn: { header: { trustedClientNames: ['x'] } } },
      want: /^portal\.signIn\.header\.trustedClientNames: needs portal\.tls\.clientCAFile/,
    },
    {
      name: 'an address of everybody',
      portal: { signIn: { header: { trustedAddresses: ['0.0.0.0/0'] } } },
      want: /trustedAddresses\[0\]: would trust everybody/,
    },
    ...['0.0.0.0/1', '128.0.0.0/1', '2000::/3', '::/80', '::ffff:0:0/96'].map((block) => ({
      name: `half the world: ${block}`,
      portal: { signIn: { header: { trustedAddresses: [block] } } },
      want: /trustedAddresses\[0\]: (?:is wider than any network of one owner|holds every IPv4 address); name the proxies/,
    })),
    {
      name: 'an issuer whose own tokens would be ignored',
      portal: PORTAL,
      more: { ignoreIssuers: ['https://other.example', ISSUER.name] },
      want: /^ignoreIssuers\[1\]: is issuer\.name/,
    },
    {
      name: 'an address that is none',
      portal: { signIn: { header: { trustedAddresses: ['proxy.corp.example'] } } },
      want: /must be an address or a block/,
    },
    {
      name: 'too many bits',
      portal: { signIn: { header: { trustedAddresses: ['10.0.0.0/33'] } } },
      want: /must not have more than 32 bits/,
    },
    {
      name: 'one header for both',
      portal: { signIn: { header: { ...HEADER, groups: 'x-forwarded-user' } } },
      want: /user and groups are the same header/,
    },
    {
      name: 'a header that means something else',
      portal: { signIn: { header: { ...HEADER, user: 'Authorization' } } },
      want: /must be the name of a header of its own/,
    },
    {
      name: 'a template without clusters',
      portal: { ...PORTAL, kubeconfig: { template: 'empty.yaml' } },
      want: /^portal\.kubeconfig\.template: .*names no clusters/,
    },
    {
      name: 'another endpoint',
      portal: { signIn: { password: { endpoint: '/authenticat' } } },
      want: /there is no endpoint \/authenticat \(did you mean "\/authenticate"\?\)/,
    },
    {
      name: 'another endpoint for a header',
      portal: { signIn: { header: { ...HEADER, endpoint: '/authenticat' } } },
      want: /^portal\.signIn\.header\.endpoint: there is no endpoint \/authenticat \(did you mean/,
    },
    {
      name: 'a public address in clear',
      portal: { ...PORTAL, publicURL: 'http://broker.corp.example' },
      want: /^portal\.publicURL: must use https/,
    },
    {
      name: 'a key that cannot sign',
      portal: PORTAL,
      more: { issuer: { ...ISSUER, keys: [{ id: 'ed', algorithm: 'EdDSA', publicKey: { file: 'ed.pub' } }] } },
      want: /^issuer\.keys\[0\]: signs the tokens of the portal, so it needs privateKey/,
    },
  ];
  for (const { name, portal, more = {}, want } of rows) {
    void test(`is refused: ${name}`, () => assert.match(faultsOf({ ...sections(portal), ...more }).join('\n'), want));
  }
});

const password = (endpoint: string): object => ({ signIn: { password: { endpoint } } });

void describe('doubts about where tokens are good', () => {
  const twin = { ...STAFF, name: 'twin', claimMappings: { username: { claim: 'username', prefix: 'staff:' } } };
  const split = {
    providers: [STAFF, twin, ISSUED],
    webhook: {
      endpoints: [
        { path: '/dev', providers: ['staff', 'issued'] },
        { path: '/prod', providers: ['twin', 'issued'] },
      ],
    },
  };
  const rows: readonly { name: string; given: object; want: readonly RegExp[] }[] = [
    {
      name: 'equal prefixes at different endpoints are none: tokens are bound',
      given: { issuer: ISSUER, ...split },
      want: [],
    },
    {
      name: 'with crossEndpoints they are',
      given: { issuer: { ...ISSUER, crossEndpoints: true }, ...split },
      want: [/^issuer\.crossEndpoints: providers staff and twin could yield the same username/],
    },
    {
      name: 'a sign-in through an endpoint that takes no issued tokens',
      given: {
        issuer: { ...ISSUER, revocationsFile: 'r.yaml' },
        portal: password('/a'),
        webhook: {
          endpoints: [
            { path: '/a', providers: ['staff'] },
            { path: '/b', providers: ['issued'] },
          ],
        },
      },
      want: [/^portal\.signIn\.password: its tokens are good at \/a alone/],
    },
    {
      name: 'none where it takes them',
      given: { issuer: { ...ISSUER, revocationsFile: 'r.yaml' }, portal: password('/authenticate') },
      want: [],
    },
  ];
  for (const { name, given, want } of rows) {
    void test(name, () => {
      const { warnings } = configOf(given);
      assert.equal(warnings.length, want.length, warnings.join('\n'));
      want.forEach((pattern, index) => assert.match(warnings[index] ?? '', pattern));
    });
  }
});
