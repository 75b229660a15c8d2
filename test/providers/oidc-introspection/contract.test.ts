// The provider contract, with the endpoint configured and with the endpoint discovered.

import { oidcIntrospection } from '../../../providers/oidc-introspection.ts';
import { providerContract } from '../../contract/provider-contract.ts';
import { type Account, opaqueCredential, type ProviderContract } from '../../contract/provider-world.ts';
import { issueLoopback, makeAuthority } from '../../support/certificates.ts';
import { startAuthorizationServer } from '../../support/fake-authorization-server.ts';
import { CLIENT, optionsOf } from './setup.ts';

const authority = makeAuthority('test authority');
const tls = issueLoopback(authority);
const strangerTls = issueLoopback(makeAuthority('another authority'));

for (const way of ['introspectionEndpoint', 'issuer'] as const) providerContract(contractWith(way));

function contractWith(way: 'introspectionEndpoint' | 'issuer'): ProviderContract {
  return {
    name: `oidc-introspection with ${way}`,
    accepts: 'bearer',
    wrongSecret: { kind: 'abstained', reason: 'unknown-token' },
    open: async (accounts, seams) => {
      const upstream = await startAuthorizationServer({ tls, strangerTls, ...knowing(accounts) });
      const written = { ...CLIENT, [way]: upstream[way], tls: { caFile: 'ca.pem' } };
      const provider = oidcIntrospection.open(optionsOf(written, { 'ca.pem': authority.cert }), seams);
      return {
        provider,
        upstream,
        credentialOf: opaqueCredential,
        claimsOf: ({ name }) => ({ subject: `sub of ${name}`, attributes: { username: name } }),
        close: () => upstream.close(),
      };
    },
  };
}

function knowing(accounts: readonly Account[]) {
  const nameOf = new Map(accounts.map(({ name, secret }) => [secret, name]));
  return {
    introspect: (token: string) => {
      const username = nameOf.get(token);
      return username === undefined ? { active: false } : { active: true, sub: `sub of ${username}`, username };
    },
  };
}
