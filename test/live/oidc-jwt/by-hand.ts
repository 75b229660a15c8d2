// Cases for rows of the page that chance meets seldom or never.

import type { JsonObject } from '../../../src/text/json.ts';
import type { Row } from '../../providers/oidc-jwt/differences.ts';
import { signToken } from '../../support/signed-tokens.ts';
import type { Case } from './case.ts';
import type { Issuers } from './issuer.ts';
import { KEYS } from './keys.ts';

const { es256 } = KEYS;
const IN_AN_HOUR_S = Math.trunc(Date.now() / 1000) + 3600;

interface Hand {
  readonly row: Row;
  readonly mappings?: JsonObject;
  /** Behind the common ones, as JSON text. */
  readonly claims?: string;
  readonly isPlain?: true;
}

const HANDS: readonly Hand[] = [
  {
    row: 'a number that a double does not hold exactly, read by a mapping',
    mappings: { uid: { expression: 'string(claims.id)' } },
    claims: '"id":12345678901234567890',
  },
  {
    row: 'groups with control characters, and white space for a group',
    mappings: { groups: { claim: 'groups', prefix: '' } },
    claims: String.raw`"groups":["a\tb"," ","c"]`,
  },
  { row: 'plain http to a loopback host', isPlain: true },
];

export function casesByHand(issuers: Issuers): Case[] {
  return HANDS.map((hand, index) => caseOf(hand, index, issuers));
}

function caseOf({ row, mappings, claims, isPlain }: Hand, index: number, { origin, authority }: Issuers): Case {
  const path = `/by-hand/${index}`;
  const iss = origin + path;
  const common = JSON.stringify({ iss, aud: 'kubernetes', exp: IN_AN_HOUR_S, sub: 'alice' });
  const text = signToken(es256, common.replace(/\}$/, `,${claims}}`));
  const issuer = { url: iss, certificateAuthority: authority, audiences: ['kubernetes'] };
  return {
    name: row,
    authenticator: {
      issuer: isPlain ? { ...issuer, url: `http://localhost${path}` } : issuer,
      claimMappings: { username: { claim: 'sub', prefix: '' }, ...mappings },
    },
    path,
    keys: { keys: [es256.jwk] },
    answers: new Map(),
    tokens: isPlain ? [] : [{ about: row, text, rows: [] }],
    rows: [row],
  };
}
