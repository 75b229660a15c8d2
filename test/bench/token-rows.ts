// JWTs of an issuer: what verifying one costs beside the signature's verification alone, and what it costs a second time.

import { createLocalJWKSet, jwtVerify } from 'jose';
import { oidcJwt } from '../../providers/oidc-jwt.ts';
import type { Review } from '../../src/core/authenticator.ts';
import { parseCredential, type TokenRules } from '../../src/core/credential.ts';
import type { Provider } from '../../src/core/provider.ts';
import { SERVICE_ACCOUNT_ISSUERS } from '../../src/settings/schema.ts';
import type { SigningAlgorithm } from '../../src/upstream/oidc/key-set.ts';
import { reviewOf } from '../contract/provider-run.ts';
import { optionsOf } from '../support/options.ts';
import { testSeams } from '../support/seams.ts';
import { keySetOf, makeKey, signToken, type TokenKey } from '../support/signed-tokens.ts';
import { alternate, type Contender, type Result } from './rounds.ts';
import type { Row } from './table.ts';

const TARGET = 1.3;
const ROUNDS = 7;
const TOKENS = 300;
const ISSUER = 'https://idp.corp.example';
const AUDIENCE = 'kubernetes';
const RULES: TokenRules = { tokenBytes: 16 * 1024, ignoreIssuers: new Set(SERVICE_ACCOUNT_ISSUERS) };

export async function tokenRows(): Promise<readonly Row[]> {
  const rows: Row[] = [];
  // oxlint-disable-next-line no-await-in-loop -- measurements must not disturb each other
  for (const algorithm of ['RS256', 'ES256'] as const) rows.push(...(await rowsOf(algorithm)));
  return rows;
}

async function rowsOf(algorithm: SigningAlgorithm): Promise<readonly Row[]> {
  const key = makeKey(algorithm);
  const provider = open(key);
  const jwks = createLocalJWKSet({ keys: [{ kty: '', ...key.jwk }] });
  const remembered = newToken(key);
  const results = await alternate(
    [
      contender(
        'jose alone',
        () => newToken(key),
        (token) => jwtVerify(token, jwks, { issuer: ISSUER, audience: AUDIENCE }),
      ),
      contender(
        'a new token',
        () => newToken(key),
        (token) => verify(provider, token),
      ),
      contender(
        'a remembered token',
        () => remembered,
        (token) => verify(provider, token),
      ),
    ],
    ROUNDS,
  );
  await provider.close();
  return results.map((result, at) => rowOf(algorithm, result, at));
}

function rowOf(algorithm: SigningAlgorithm, { name, cpuUs, cpuRatio: ratio, p50Ms, p99Ms }: Result, at: number): Row {
  const target = { says: `<= ${TARGET} x jose`, isReached: ratio <= TARGET };
  return { what: `${algorithm}, ${name}`, cpuUs, ratio, p50Ms, p99Ms, ...(at === 1 && { target }) };
}

function open(key: TokenKey): Provider {
  const files = { '/etc/broker/keys.json': JSON.stringify(keySetOf(key)) };
  const issuer = { url: ISSUER, audiences: [AUDIENCE] };
  const options = optionsOf(oidcJwt, { issuer, keysFile: 'keys.json' }, files);
  return oidcJwt.open(options, testSeams({ groupsClaim: 'groups' }));
}

/** As much as the verification of jose does and more: from the text of the token to its claims. */
async function verify(provider: Provider, token: string): Promise<void> {
  const credential = parseCredential(token, RULES);
  if (credential.kind !== 'bearer') throw new Error('a token is no bearer');
  const review: Review = reviewOf(credential);
  const { kind } = await provider.authenticate(review, SIGNAL);
  if (kind !== 'authenticated') throw new Error(`a good token is ${kind}`);
}

const SIGNAL = new AbortController().signal;

let made = 0;

function newToken(key: TokenKey): string {
  made += 1;
  const nowS = Math.trunc(Date.now() / 1000);
  return signToken(key, {
    iss: ISSUER,
    aud: AUDIENCE,
    exp: nowS + 3600,
    iat: nowS,
    jti: `token-${made}`,
    sub: '1f6c3d1e-58a0-4a57-9a2b-0000000000aa',
    preferred_username: 'alice',
    email: 'alice@corp.example',
    email_verified: true,
    groups: ['developers', 'operators', 'everybody'],
    realm_access: { roles: ['offline_access', 'default-roles-corp'] },
  });
}

/** The tokens are made before the clock starts. */
function contender(name: string, next: () => string, use: (token: string) => Promise<unknown>): Contender {
  return {
    name,
    run: async () => {
      const tokens = Array.from({ length: TOKENS }, next);
      const latencies: number[] = [];
      const [cpu, start] = [process.cpuUsage(), performance.now()];
      for (const token of tokens) {
        const begun = performance.now();
        // oxlint-disable-next-line no-await-in-loop -- one at a time
        await use(token);
        latencies.push(performance.now() - begun);
      }
      const wallSeconds = (performance.now() - start) / 1000;
      const { user, system } = process.cpuUsage(cpu);
      return {
        requests: TOKENS,
        cpuSeconds: (user + system) / 1e6,
        wallSeconds,
        latencies: latencies.toSorted((a, b) => a - b),
      };
    },
  };
}
