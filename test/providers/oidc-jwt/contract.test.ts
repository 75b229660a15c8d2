// The provider contract, with tokens that carry the secret in their header.

import { oidcJwt } from '../../../providers/oidc-jwt.ts';
import { providerContract } from '../../contract/provider-contract.ts';
import { issueLoopback, makeAuthority } from '../../support/certificates.ts';
import { startFakeIssuer } from '../../support/fake-issuer.ts';
import { optionsOf } from '../../support/options.ts';
import { makeKey, signToken } from '../../support/signed-tokens.ts';
import { AUDIENCE, bearer, KEY } from './setup.ts';

const authority = makeAuthority('test authority');
const tls = issueLoopback(authority);
const strangerTls = issueLoopback(makeAuthority('another authority'));
const FORGED = makeKey('ES256', 'first');

providerContract({
  name: 'oidc-jwt',
  accepts: 'bearer',
  wrongSecret: { kind: 'rejected', reason: 'bad-signature' },
  needsUpstreamOnce: true,
  open: async (accounts, seams) => {
    const upstream = await startFakeIssuer([KEY], { tls, strangerTls });
    const issuer = { url: upstream.issuer, audiences: [AUDIENCE], certificateAuthority: authority.cert };
    return {
      provider: oidcJwt.open(optionsOf(oidcJwt, { issuer }), seams),
      upstream,
      credentialOf: ({ name, secret }) => {
        const isKnown = accounts.some((account) => account.name === name && account.secret === secret);
        const exp = Math.floor(Date.now() / 1000) + 600;
        const claims = { iss: upstream.issuer, aud: AUDIENCE, sub: name, exp };
        return bearer(signToken(isKnown ? KEY : FORGED, claims, { secret }));
      },
      claimsOf: ({ name }) => ({ attributes: { sub: name } }),
      close: () => upstream.close(),
    };
  },
});
