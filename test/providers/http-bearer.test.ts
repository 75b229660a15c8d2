// http-bearer against a real HTTPS server on loopback: the contract, with a list in pages and a proof.

import { httpBearer } from '../../providers/http-bearer.ts';
import { providerContract } from '../contract/provider-contract.ts';
import { opaqueCredential } from '../contract/provider-world.ts';
import { issueLoopback, makeAuthority } from '../support/certificates.ts';
import { startFakeHttp } from '../support/fake-http.ts';
import { optionsOf } from '../support/options.ts';
import { json, tokenIn } from './http-bearer/setup.ts';

const authority = makeAuthority('test authority');
const tls = issueLoopback(authority);
const strangerTls = issueLoopback(makeAuthority('another authority'));
const FILES = { '/etc/broker/ca.crt': authority.cert, '/etc/broker/secret': 'client-secret' };

/** Only printable ASCII goes into a header, so the accounts' secrets are wrapped. */
const tokenOf = (secret: string): string => `tok_${Buffer.from(secret).toString('base64url')}`;

providerContract({
  name: 'http-bearer',
  accepts: 'bearer',
  wrongSecret: { kind: 'abstained', reason: 'unknown-token' },
  open: async (accounts, seams) => {
    const names = new Map(accounts.map(({ name, secret }) => [tokenOf(secret), name]));
    const upstream = await startFakeHttp({
      tls,
      strangerTls,
      handler: ({ path, headers, body }) => {
        const client = `Basic ${Buffer.from('broker:client-secret').toString('base64')}`;
        if (path === '/proof') {
          const isOurs = names.has(new URLSearchParams(body).get('token') ?? '');
          return headers.authorization === client ? json({ active: isOurs }) : json({}, {}, 401);
        }
        const name = names.get(tokenIn(headers.authorization));
        if (name === undefined) return json({ message: 'Bad credentials' }, {}, 401);
        if (path === '/user') return json({ id: `id of ${name}`, login: name });
        const next = '<?page=2>; rel="next"';
        return path === '/teams?page=2' ? json(['ops']) : json(['devs'], { link: next });
      },
    });
    const given = {
      requests: [
        { name: 'user', url: `${upstream.origin}/user` },
        { name: 'teams', url: `${upstream.origin}/teams`, pages: 'link' },
      ],
      proof: {
        request: { url: `${upstream.origin}/proof`, clientID: 'broker', clientSecret: { file: 'secret' } },
        expression: 'answer.body.active == true',
      },
      bodyBytes: '64KiB',
      tls: { caFile: 'ca.crt' },
    };
    return {
      provider: httpBearer.open(optionsOf(httpBearer, given, FILES), seams),
      upstream,
      credentialOf: ({ name, secret }) => opaqueCredential({ name, secret: tokenOf(secret) }),
      claimsOf: ({ name }) => ({
        subject: `id of ${name}`,
        attributes: { username: name, login: name, teams: ['devs', 'ops'] },
      }),
      close: () => upstream.close(),
    };
  },
});
