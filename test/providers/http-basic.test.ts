// http-basic against a real HTTPS server on loopback: the contract first, then its own table.

import { randomBytes } from 'node:crypto';
import { httpBasic } from '../../providers/http-basic.ts';
import { providerContract } from '../contract/provider-contract.ts';
import { passwordCredential } from '../contract/provider-world.ts';
import { issueLoopback, makeAuthority } from '../support/certificates.ts';
import { basicAuth, startFakeHttp } from '../support/fake-http.ts';

const authority = makeAuthority('test authority');
const tls = issueLoopback(authority);
const strangerTls = issueLoopback(makeAuthority('another authority'));

providerContract({
  name: 'http-basic',
  accepts: 'password',
  wrongSecret: { kind: 'abstained', reason: 'not-authenticated' },
  open: async (accounts, seams) => {
    const passwords = new Map(accounts.map(({ name, secret }) => [name, secret]));
    const handler = basicAuth(passwords, (name) => ({
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: name, id: `id of ${name}`, groups: ['devs'] }),
    }));
    const upstream = await startFakeHttp({ tls, strangerTls, handler });
    const provider = httpBasic.open(
      {
        url: new URL('/auth', upstream.origin),
        method: 'GET',
        tls: { ca: authority.cert },
        acceptStatus: [200, 204],
        rejectStatus: [401, 403],
        headers: [],
        canary: true,
      },
      { ...seams, randomBytes },
    );
    return {
      provider,
      upstream,
      credentialOf: passwordCredential,
      claimsOf: ({ name }) => ({ subject: `id of ${name}`, attributes: { username: name, groups: ['devs'] } }),
      close: upstream.close,
    };
  },
});
