// Cases whose groups are elsewhere (OpenID Connect Core §5.6.2): what the token points to, and what is answered there.

import { seededRandom } from '../../fuzz/random.ts';
import { signToken } from '../../support/signed-tokens.ts';
import { issuerOf } from './authenticators.ts';
import type { Case } from './case.ts';
import type { Issuers } from './issuer.ts';
import { KEYS, STRANGERS } from './keys.ts';

const { es256 } = KEYS;
const IN_AN_HOUR_S = Math.trunc(Date.now() / 1000) + 3600;

type Claims = Readonly<Record<string, unknown>>;

interface Row {
  readonly name: string;
  /** Of the token, instead of a source `s` that names `/groups`. */
  readonly claims?: Claims;
  /** In what is answered at `/groups`. */
  readonly told?: Claims;
  /** Instead of a token. */
  readonly answer?: string;
  readonly signer?: (typeof STRANGERS)[0];
  /** The way to the issuer, as in the token; default its own host. */
  readonly origin?: (issuers: Issuers) => string;
  readonly isOutage?: true;
}

const ROWS: readonly Row[] = [
  { name: 'groups elsewhere' },
  { name: 'one group as text', told: { groups: 'team' } },
  { name: 'groups that are numbers', told: { groups: [1] } },
  { name: 'no groups there', told: { groups: undefined } },
  { name: 'groups that are null', told: { groups: null } },
  { name: 'an expired answer', told: { exp: 1 } },
  { name: 'an answer for another audience', told: { aud: 'other' } },
  { name: 'an answer of an issuer that is not there', told: { iss: 'https://localhost:1/nobody' } },
  { name: 'an answer that a stranger signed', signer: STRANGERS[1] },
  { name: 'an answer that is no token', answer: 'groups' },
  { name: 'an answer in lines', answer: '{token}\n' },
  { name: 'groups in the token as well', claims: { groups: ['own'] } },
  { name: 'a source of another claim', claims: { _claim_names: { roles: 's' } } },
  { name: 'a source without an address', claims: { _claim_sources: { s: {} } } },
  { name: 'a source whose address is no text', claims: { _claim_sources: { s: { endpoint: 7 } } } },
  { name: 'an aggregated claim', claims: { _claim_sources: { s: { JWT: 'e30.e30.e30' } } } },
  { name: 'an access token', claims: { _claim_sources: { s: { endpoint: '{url}/groups', access_token: 'ticket' } } } },
  { name: 'nothing at that address', claims: { _claim_sources: { s: { endpoint: '{url}/none' } } }, isOutage: true },
  { name: 'a host that is not listed', origin: ({ origin }) => origin.replace('localhost', '127.0.0.1') },
];

export function distributedCases(issuers: Issuers): Case[] {
  return ROWS.map((row, index) => distributed(row, index, issuers));
}

function distributed(
  { isOutage, name, claims, told, answer, signer = es256, origin }: Row,
  index: number,
  issuers: Issuers,
): Case {
  const path = `/distributed/${index}`;
  const iss = issuers.origin + path;
  const url = (origin?.(issuers) ?? issuers.origin) + path;
  const common = { iss, aud: 'kubernetes', exp: IN_AN_HOUR_S };
  const sources = { _claim_names: { groups: 's' }, _claim_sources: { s: { endpoint: '{url}/groups' } } };
  const payload = JSON.stringify({ ...common, sub: 'alice', ...sources, ...claims }).replaceAll('{url}', url);
  const groups = signToken(signer, { ...common, groups: ['far', 'away'], ...told });
  return {
    name,
    authenticator: {
      issuer: issuerOf(iss, issuers.authority, seededRandom(index)),
      claimMappings: { username: { claim: 'sub', prefix: '' }, groups: { claim: 'groups', prefix: 'g:' } },
    },
    path,
    keys: { keys: [es256.jwk] },
    answers: new Map([['/groups', answer?.replace('{token}', groups) ?? groups]]),
    tokens: [{ about: name, text: signToken(es256, payload), rows: [] }],
    rows: origin === undefined ? [] : ['distributed claims'],
    ...(isOutage && { isOutage }),
  };
}
