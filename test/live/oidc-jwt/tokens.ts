// Tokens for an issuer, made at random: good ones with claims of every type, and ones with one thing that is odd about them.

import type { Random } from '../../fuzz/random.ts';
import type { Row } from '../../providers/oidc-jwt/differences.ts';
import { signatureOf, signToken, type TokenKey } from '../../support/signed-tokens.ts';
import { AUDIENCES, CLAIM_NAMES } from './authenticators.ts';
import type { Token } from './case.ts';
import { type KeySet, STRANGERS } from './keys.ts';

/** A claim by its name, each value as JSON text. */
type Claims = Readonly<Record<string, string>>;

interface Odd {
  readonly about: string;
  readonly claims?: Readonly<Record<string, string | undefined>>;
  /** Behind the claims, as text. */
  readonly tail?: string;
  /** Instead of all of the payload; Latin-1. */
  readonly payload?: string;
  readonly header?: Readonly<Record<string, unknown>> | string;
  readonly signer?: TokenKey;
  readonly edit?: (token: string) => string;
  readonly row?: Row;
}

const HOUR_S = 3600;
const NOW_S = Math.trunc(Date.now() / 1000);

function good(issuer: string, random: Random): Claims {
  return {
    iss: JSON.stringify(issuer),
    aud: JSON.stringify(random.pick<unknown>([AUDIENCES[0], [...AUDIENCES], ['other', AUDIENCES[0]]])),
    exp: String(NOW_S + HOUR_S),
    iat: String(NOW_S),
    sub: '"alice"',
    email: '"alice@corp.example"',
    ...(!random.oneIn(3) && { email_verified: 'true' }),
    name: '"Alice"',
    id: '7',
    roles: '["dev","ops"]',
    groups: '["a","b"]',
    nested: '{"team":"red","list":["x","y"],"deep":{"a":1}}',
    flag: 'true',
    nothing: 'null',
    ...(random.oneIn(2) && { jti: '"j-1"' }),
    'example.org/team': '["t1"]',
  };
}

/** In the place of any claim. */
const VALUES = [
  'null',
  '""',
  '" "',
  '"text"',
  '"system:admin"',
  '"Zoë 東京 🔑"',
  String.raw`"\u0041\u00df\ud83d\ude00"`,
  String.raw`"line\nbreak"`,
  '" padded "',
  'true',
  'false',
  '0',
  '7',
  '-1.5',
  '1e3',
  '4102444800',
  '[]',
  '["a","a","b"]',
  '["a","","b"]',
  '["a",null]',
  '["system:masters","a"]',
  '[1,2]',
  '["a",["b"]]',
  '{}',
  '{"team":"blue","list":[]}',
  '{"a":{"b":["c"]}}',
] as const;

const ROW_CASE: Row = 'members whose names differ from the specification in case (`ISS`)';
const ROW_CRIT: Row = '`crit` and `b64` in the header';
const ROW_JWK: Row = '`jwk` and `x5c` in the header';
const ROW_TWICE: Row = 'a member twice at the top of header or claims';

const ODDITIES: readonly [Odd, ...Odd[]] = [
  { about: 'expired', claims: { exp: String(NOW_S - HOUR_S) } },
  { about: 'no exp', claims: { exp: undefined } },
  { about: 'exp is null', claims: { exp: 'null' } },
  { about: 'exp is text', claims: { exp: '"soon"' } },
  { about: 'exp is a number in quotes', claims: { exp: `"${NOW_S + HOUR_S}"` } },
  { about: 'exp has a fraction', claims: { exp: `${NOW_S + HOUR_S}.75` } },
  { about: 'exp has an exponent', claims: { exp: '4.1024448e9' } },
  { about: 'exp is far away', claims: { exp: '1e15' } },
  { about: 'exp is beyond all times', claims: { exp: '1e300' } },
  { about: 'exp is negative', claims: { exp: '-1' } },
  { about: 'exp is zero', claims: { exp: '0' } },
  { about: 'exp is a list', claims: { exp: '[1]' } },
  { about: 'nbf is past', claims: { nbf: String(NOW_S - 9) } },
  { about: 'nbf is within the minute', claims: { nbf: String(NOW_S + 20) } },
  { about: 'nbf is in an hour', claims: { nbf: String(NOW_S + HOUR_S) } },
  { about: 'nbf is null', claims: { nbf: 'null' } },
  { about: 'nbf is text', claims: { nbf: '"x"' } },
  { about: 'iat is null', claims: { iat: 'null' } },
  { about: 'iat is missing', claims: { iat: undefined } },
  { about: 'iat is ahead', claims: { iat: String(NOW_S + HOUR_S) } },
  { about: 'iat is text', claims: { iat: '"x"' } },
  { about: 'another issuer', claims: { iss: '"https://other.example"' } },
  { about: 'an issuer with a slash', claims: { iss: '"https://127.0.0.1/"' } },
  { about: 'no issuer', claims: { iss: undefined } },
  { about: 'the issuer is a number', claims: { iss: '7' } },
  { about: 'the legacy issuer of Google', claims: { iss: '"accounts.google.com"' } },
  { about: 'another audience', claims: { aud: '"other"' } },
  { about: 'the second audience', claims: { aud: JSON.stringify(AUDIENCES[1]) } },
  { about: 'no audience', claims: { aud: undefined } },
  { about: 'the audience is null', claims: { aud: 'null' } },
  { about: 'the audience is an empty list', claims: { aud: '[]' } },
  { about: 'the audience is a number', claims: { aud: '7' } },
  { about: 'an audience among nulls', claims: { aud: `[null,"${AUDIENCES[0]}"]` } },
  { about: 'an audience among numbers', claims: { aud: `[7,"${AUDIENCES[0]}"]` } },
  { about: 'an audience in other case', claims: { aud: '"Kubernetes"' } },
  { about: 'sub is null', claims: { sub: 'null' } },
  { about: 'sub is a number', claims: { sub: '7' } },
  { about: 'sub is missing', claims: { sub: undefined } },
  { about: 'sub is empty', claims: { sub: '""' } },
  { about: 'nonce is a number', claims: { nonce: '1' } },
  { about: 'nonce is text', claims: { nonce: '"n"' } },
  { about: 'at_hash is a list', claims: { at_hash: '[]' } },
  { about: 'email_verified is false', claims: { email_verified: 'false' } },
  { about: 'email_verified is text', claims: { email_verified: '"true"' } },
  { about: 'email_verified is null', claims: { email_verified: 'null' } },
  { about: 'jti is a number', claims: { jti: '7' } },
  { about: 'jti is empty', claims: { jti: '""' } },
  { about: 'jti is null', claims: { jti: 'null' } },
  { about: 'claim names without sources', claims: { groups: undefined, _claim_names: '{"groups":"s"}' } },
  { about: 'claim names are text', claims: { _claim_names: '"x"' } },
  { about: 'claim sources are a list', claims: { _claim_sources: '[]' } },
  {
    about: 'a claim source that is not there',
    claims: { groups: undefined, _claim_names: '{"groups":"s"}', _claim_sources: '{}' },
  },
  {
    about: 'an aggregated claim',
    claims: { groups: undefined, _claim_names: '{"groups":"s"}', _claim_sources: '{"s":{"JWT":"e30.e30.e30"}}' },
  },
  {
    about: 'a username of 300 bytes',
    claims: { sub: JSON.stringify('x'.repeat(300)), name: JSON.stringify('x'.repeat(300)) },
  },
  { about: 'an unknown signer', signer: STRANGERS[0] },
  { about: 'another unknown signer', signer: STRANGERS[1] },
  { about: 'no kid', header: { kid: undefined } },
  { about: 'an empty kid', header: { kid: '' } },
  { about: 'kid is null', header: { kid: null } },
  { about: 'kid is a number', header: { kid: 7 } },
  { about: 'an unknown kid', header: { kid: 'unknown' } },
  { about: 'alg none', header: { alg: 'none' } },
  { about: 'alg HS256', header: { alg: 'HS256' } },
  { about: 'alg of another key', header: { alg: 'ES384' } },
  { about: 'alg in small letters', header: { alg: 'rs256' } },
  { about: 'typ of an access token', header: { typ: 'at+jwt' } },
  { about: 'a jku', header: { jku: 'https://evil.example/keys' } },
  { about: 'a jwk', header: { jwk: STRANGERS[1].jwk } },
  { about: 'a certificate chain that is none', header: { x5c: ['AAAA'] }, row: ROW_JWK },
  { about: 'a jwk that is none', header: { jwk: { kty: 'x' } }, row: ROW_JWK },
  { about: 'kid twice in the header', header: '{"alg":"ES256","kid":"x","kid":"ec"}', row: ROW_TWICE },
  { about: 'nonce in the header', header: { nonce: 'n' } },
  { about: 'a number as nonce in the header', header: { nonce: 7 } },
  { about: 'crit', header: { crit: ['exp'], exp: 1 } },
  { about: 'crit of b64', header: { crit: ['b64'], b64: true }, row: ROW_CRIT },
  { about: 'b64', header: { b64: true }, row: ROW_CRIT },
  { about: 'a claim twice', tail: ',"name":"Mallory"', row: ROW_TWICE },
  { about: 'exp twice', tail: `,"exp":${NOW_S + 2 * HOUR_S}`, row: ROW_TWICE },
  { about: 'ISS for iss', claims: { iss: undefined, ISS: '"{issuer}"' }, row: ROW_CASE },
  { about: 'AUD for aud', claims: { aud: undefined, AUD: `"${AUDIENCES[0]}"` }, row: ROW_CASE },
  { about: 'Exp for exp', claims: { exp: undefined, Exp: String(NOW_S + HOUR_S) }, row: ROW_CASE },
  { about: 'white space in the claims', tail: ' \n\t' },
  { about: 'something behind the claims', payload: '{"iss":"{issuer}"} x' },
  { about: 'a list for claims', payload: '["{issuer}"]' },
  { about: 'a byte order mark', payload: '\u00ef\u00bb\u00bf{"iss":"{issuer}"}' },
  { about: 'an empty payload', payload: '' },
  { about: 'no signature', edit: (token) => token.replace(/[^.]*$/, '') },
  { about: 'a signature that is cut off', edit: (token) => token.slice(0, -4) },
  { about: 'a signature with a bit turned', edit: (token) => turned(token) },
  { about: 'two parts', edit: (token) => token.replace(/\.[^.]*$/, '') },
  { about: 'four parts', edit: (token) => `${token}.e30` },
  { about: 'padding', edit: (token) => `${token}=` },
  { about: 'another payload under the signature', edit: (token) => token.replace(/\.[^.]*/, '.e30') },
];

/** Another character where no bits are left over. */
function turned(token: string): string {
  const at = token.lastIndexOf('.') + 5;
  return token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
}

const INEXACT: Row = 'a number that a double does not hold exactly, read by a mapping';

/** About half of them are good in all but the types of their claims. */
export function tokenFor(issuer: string, keys: KeySet, random: Random): Token {
  const odd = random.oneIn(2) ? random.pick(ODDITIES) : changedClaims(random);
  const claims = { ...good(issuer, random), ...(random.oneIn(4) && changedClaims(random).claims), ...odd.claims };
  const members = Object.entries(claims).filter(([, value]) => value !== undefined);
  const written = members.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',');
  const tail = odd.tail ?? '';
  const object = tail.startsWith(',') ? `{${written}${tail}}` : `{${written}}${tail}`;
  const payload = (odd.payload ?? object).replaceAll('"{issuer}"', JSON.stringify(issuer));
  const signer = odd.signer ?? random.pick(keys.signers);
  return { about: odd.about, text: (odd.edit ?? same)(signed(signer, payload, odd)), rows: odd.row ? [odd.row] : [] };
}

const same = (token: string): string => token;

/** Bytes that are not UTF-8 cannot be written as text. */
function signed(signer: TokenKey, payload: string, { header, payload: whole }: Odd): string {
  if (whole === undefined) return signToken(signer, payload, header);
  const bytes = Buffer.from(payload, 'latin1').toString('base64url');
  const head = signToken(signer, '', header).split('.')[0] ?? '';
  return `${head}.${bytes}.${signatureOf(signer, `${head}.${bytes}`)}`;
}

function changedClaims(random: Random): Odd {
  const name = random.pick(CLAIM_NAMES);
  if (random.oneIn(40))
    return { about: `${name} is a long number`, claims: { [name]: '12345678901234567890' }, row: INEXACT };
  const value = random.pick(VALUES);
  return { about: `${name} is ${value}`, claims: { [name]: value } };
}

/** The whole payload with a byte that no UTF-8 has. */
export function brokenText(issuer: string, keys: KeySet, random: Random): Token {
  const odd: Odd = {
    about: 'a name that is not UTF-8',
    payload: `{"iss":"{issuer}","aud":"${AUDIENCES[0]}","exp":${NOW_S + HOUR_S},"sub":"alice","name":"\u00ff"}`,
    row: 'claims that are not UTF-8',
  };
  const payload = odd.payload?.replace('{issuer}', issuer) ?? '';
  return {
    about: odd.about,
    text: signed(random.pick(keys.signers), payload, odd),
    rows: ['claims that are not UTF-8'],
  };
}
