// token-review against a real HTTPS server on loopback: the contract for tokens and for passwords.

import { stringify } from 'yaml';
import { tokenReview } from '../../providers/token-review.ts';
import { providerContract } from '../contract/provider-contract.ts';
import { opaqueCredential, passwordCredential } from '../contract/provider-world.ts';
import { issueLoopback, makeAuthority } from '../support/certificates.ts';
import { startFakeHttp } from '../support/fake-http.ts';
import { optionsOf } from '../support/options.ts';
import { json } from './http-bearer/setup.ts';

const authority = makeAuthority('test authority');
const tls = issueLoopback(authority);
const strangerTls = issueLoopback(makeAuthority('another authority'));

const kubeconfig = (server: string): string =>
  stringify({
    clusters: [{ name: 'c', cluster: { server, 'certificate-authority': 'ca.crt' } }],
    users: [{ name: 'u', user: { token: 'broker' } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  });

for (const accepts of ['bearer', 'password'] as const) {
  const isBearer = accepts === 'bearer';
  providerContract({
    name: `token-review of a ${accepts}`,
    accepts,
    wrongSecret: { kind: 'abstained', reason: isBearer ? 'unknown-token' : 'not-authenticated' },
    open: async (accounts, seams) => {
      const names = new Map(accounts.map(({ name, secret }) => [isBearer ? secret : `${name}:${secret}`, name]));
      const upstream = await startFakeHttp({
        tls,
        strangerTls,
        handler: ({ headers, body }) => {
          if (headers.authorization !== 'Bearer broker') return json({}, {}, 401);
          const { spec, apiVersion, kind } = JSON.parse(body);
          const name = names.get(spec.token);
          const user = { username: name, uid: `uid of ${name}`, groups: ['devs', 'ops'], extra: { a: ['b'] } };
          const status = name === undefined ? { authenticated: false } : { authenticated: true, user };
          return json({ apiVersion, kind, metadata: {}, spec: {}, status });
        },
      });
      const given = { kubeconfig: 'x.kubeconfig', accepts: [accepts] };
      const text = kubeconfig(`${upstream.origin}/review`);
      const files = { '/etc/broker/x.kubeconfig': text, '/etc/broker/ca.crt': authority.cert };
      return {
        provider: tokenReview.open(optionsOf(tokenReview, given, files), seams),
        upstream,
        credentialOf: isBearer ? opaqueCredential : passwordCredential,
        claimsOf: ({ name }) => ({
          subject: `uid of ${name}`,
          attributes: { username: name, uid: `uid of ${name}`, groups: ['devs', 'ops'] },
        }),
        close: () => upstream.close(),
      };
    },
    // 200 kB are less than an answer may have, and no TokenReview.
    faults: { 'answers too much': 'malformed-answer' },
  });
}
