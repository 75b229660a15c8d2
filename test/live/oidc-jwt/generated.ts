// Cases at random, the same for the same seed but for keys and times.

import { type Random, seededRandom } from '../../fuzz/random.ts';
import { authenticatorOf, issuerOf } from './authenticators.ts';
import type { Case } from './case.ts';
import type { Issuers } from './issuer.ts';
import { KEY_SETS } from './keys.ts';
import { brokenText, tokenFor } from './tokens.ts';

const TOKENS_EACH = 12;

export function generatedCases(count: number, seed: number, issuers: Issuers): Case[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, index) => generated(index, random, issuers));
}

function generated(index: number, random: Random, { origin, authority }: Issuers): Case {
  const keys = random.oneIn(2) ? KEY_SETS[0] : random.pick(KEY_SETS);
  const path = `/generated/${index}`;
  const issuer = origin + path;
  const tokens = Array.from({ length: TOKENS_EACH }, () => tokenFor(issuer, keys, random));
  return {
    name: `generated ${index}, ${keys.about}`,
    authenticator: authenticatorOf(issuerOf(issuer, authority, random), random),
    path,
    keys: keys.jwks,
    answers: new Map(),
    tokens: random.oneIn(10) ? [...tokens, brokenText(issuer, keys, random)] : tokens,
    rows: keys.rows,
  };
}
