// What `issuer.openid` may say, and what it demands of the portal and the keys.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { configOf, ED, faultsOf, ISSUER, PORTAL } from './issuer-setup.ts';

const ES = { id: 'es', algorithm: 'ES256', privateKey: { file: 'es.pem' } };
const OPENID = { clients: [{ id: 'kubectl', redirectURIs: ['http://127.0.0.1'] }] };
const PUBLIC = { ...PORTAL, publicURL: ISSUER.name };

const sections = (openid: object, issuer: object = {}, portal: object | undefined = PUBLIC): object => ({
  issuer: { ...ISSUER, keys: [ES], openid, ...issuer },
  portal,
});

const client = (change: object): object => ({
  clients: [{ id: 'kubectl', redirectURIs: ['http://localhost'], ...change }],
});

void describe('issuer.openid', () => {
  void test('has refresh tokens of twelve hours, and both spellings of an address without a path', () => {
    const { openid } = configOf(sections(OPENID)).issuer ?? {};
    assert.deepEqual(openid, {
      clients: [{ id: 'kubectl', redirectURIs: ['http://127.0.0.1', 'http://127.0.0.1/'] }],
      refreshMs: 12 * 3_600_000,
    });
  });

  void test('is not there unless it is written', () => {
    assert.equal(configOf({ issuer: ISSUER, portal: PORTAL }).issuer?.openid, undefined);
  });

  const SECRET = { id: 'hs', algorithm: 'HS256', secret: { file: 'strong.secret' } };
  const rows: readonly { name: string; given: object; want: RegExp }[] = [
    {
      name: 'no portal',
      given: { issuer: { ...ISSUER, keys: [ES], openid: OPENID } },
      want: /^issuer\.openid: needs the section portal/,
    },
    {
      name: 'another name',
      given: sections(OPENID, { name: 'https://other.example' }),
      want: /^issuer\.name: must be portal\.publicURL \(https:\/\/broker\.corp\.example\)/,
    },
    {
      name: 'a shared secret in front',
      given: sections(OPENID, { keys: [SECRET, ES] }),
      want: /^issuer\.keys\[0\]: must be ES256 or EdDSA/,
    },
    { name: 'no client', given: sections({ clients: [] }), want: /^issuer\.openid\.clients: must not be empty/ },
    {
      name: 'a client twice',
      given: sections({ clients: [...OPENID.clients, ...OPENID.clients] }),
      want: /kubectl is there already/,
    },
    {
      name: 'an address in clear',
      given: sections(client({ redirectURIs: ['http://app.example/'] })),
      want: /redirectURIs\[0\]: must be https, but for a loopback host/,
    },
    {
      name: 'a script',
      given: sections(client({ redirectURIs: ['javascript:alert(1)'] })),
      want: /redirectURIs\[0\]: must be an http or https URL/,
    },
    {
      name: 'a fragment',
      given: sections(client({ redirectURIs: ['https://app.example/#x'] })),
      want: /must not contain a fragment/,
    },
    {
      name: 'a secret client',
      given: sections(client({ secret: 'x' })),
      want: /^issuer\.openid\.clients\[0\]\.secret: unknown key/,
    },
    {
      name: 'a refresh for ever',
      given: sections({ ...OPENID, refresh: { lifetime: '9999h' } }),
      want: /^issuer\.openid\.refresh\.lifetime: must be between/,
    },
  ];
  for (const { name, given, want } of rows) {
    void test(`is refused: ${name}`, () => {
      const faults = faultsOf(given);
      assert.equal(faults.length, 1, faults.join('\n'));
      assert.match(faults[0] ?? '', want);
    });
  }

  void test('a key that kube-apiserver does not list is warned of', () => {
    const { warnings } = configOf(sections(OPENID, { keys: [ED] }));
    assert.ok(warnings.some((warning) => warning.startsWith('issuer.openid: kube-apiserver verifies no EdDSA token')));
    const { warnings: none } = configOf(sections(OPENID));
    assert.deepEqual(
      none.filter((warning) => warning.startsWith('issuer.openid')),
      [],
    );
  });
});
