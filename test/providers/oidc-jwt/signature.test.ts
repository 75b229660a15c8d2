// Which tokens the issuer has signed: algorithms, headers and keys.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { oidcJwt } from '../../../providers/oidc-jwt.ts';
import { SIGNING_ALGORITHMS } from '../../../src/upstream/oidc/key-set.ts';
import { reviewOf } from '../../contract/provider-run.ts';
import { optionsOf } from '../../support/options.ts';
import { testSeams } from '../../support/seams.ts';
import { makeKey, signatureOf, signToken, type TokenKey } from '../../support/signed-tokens.ts';
import { AUDIENCE, bearer, KEY, NOW_S, outcomeOf, stillClock } from './setup.ts';

const ISSUER = 'https://idp.corp.example';
const CLAIMS = { iss: ISSUER, aud: AUDIENCE, sub: 'alice', exp: NOW_S + 600 };
const RSA = makeKey('RS256', 'rsa');
const SECOND = makeKey('ES256', 'second');
const NAMELESS = makeKey('ES256', null);
const BAD = 'rejected bad-signature';

/** Keys of a file, so that no issuer is asked. */
async function login(
  token: string,
  keys: readonly (TokenKey | object)[],
  signingAlgorithms?: readonly string[],
  issuer = ISSUER,
) {
  const document = { keys: keys.map((key) => ('jwk' in key ? key.jwk : key)) };
  const options = optionsOf(
    oidcJwt,
    {
      issuer: { url: issuer, audiences: [AUDIENCE] },
      keysFile: 'keys.json',
      ...(signingAlgorithms && { signingAlgorithms }),
    },
    { '/etc/broker/keys.json': JSON.stringify(document) },
  );
  const provider = oidcJwt.open(options, testSeams({ clock: stillClock() }));
  try {
    return await provider.authenticate(reviewOf(bearer(token)), AbortSignal.timeout(5000));
  } finally {
    await provider.close();
  }
}

/** A token whose payload or header is written by hand. */
function byHand(header: string, payload = JSON.stringify(CLAIMS)): string {
  return signToken(KEY, payload, header);
}

const HEAD = '"alg":"ES256","kid":"first"';
const rows: readonly {
  readonly name: string;
  readonly given: string;
  readonly keys?: readonly (TokenKey | object)[];
  readonly want: string;
}[] = [
  { name: 'of a key that is published', given: signToken(KEY, CLAIMS), want: 'authenticated' },
  { name: 'of another key by the same kid', given: signToken(makeKey('ES256', 'first'), CLAIMS), want: BAD },
  { name: 'of a kid that is not published', given: signToken(SECOND, CLAIMS), want: BAD },
  { name: 'of the second of two keys', given: signToken(SECOND, CLAIMS), keys: [KEY, SECOND], want: 'authenticated' },
  {
    name: 'without kid, of the second of two keys',
    given: signToken({ ...NAMELESS, privateKey: SECOND.privateKey }, CLAIMS),
    keys: [KEY, SECOND],
    want: 'authenticated',
  },
  {
    name: 'with kid null, which is none',
    given: signToken(SECOND, CLAIMS, { kid: null }),
    keys: [KEY, SECOND],
    want: 'authenticated',
  },
  {
    name: 'with an empty kid, which is none',
    given: signToken(SECOND, CLAIMS, { kid: '' }),
    keys: [KEY, SECOND],
    want: 'authenticated',
  },
  {
    name: 'of the second of two keys with the same kid',
    given: signToken({ ...SECOND, kid: 'first' }, CLAIMS),
    keys: [KEY, { ...SECOND.jwk, kid: 'first' }],
    want: 'authenticated',
  },
  {
    name: 'without kid, of a key without kid',
    given: signToken(NAMELESS, CLAIMS),
    keys: [NAMELESS],
    want: 'authenticated',
  },
  { name: 'with a kid that no key has', given: signToken(KEY, CLAIMS), keys: [NAMELESS], want: BAD },
  { name: 'with a kid that is a number', given: signToken(KEY, CLAIMS, { kid: 1 }), want: BAD },
  { name: 'with a nonce in its header that is a number', given: signToken(KEY, CLAIMS, { nonce: 1 }), want: BAD },
  { name: 'with a critical extension', given: signToken(KEY, CLAIMS, { crit: ['b64'], b64: true }), want: BAD },
  { name: 'with b64', given: signToken(KEY, CLAIMS, { b64: true }), want: BAD },
  { name: 'with an empty crit', given: signToken(KEY, CLAIMS, { crit: [] }), want: BAD },
  {
    name: 'that carries keys and addresses, of a published key',
    given: signToken(KEY, CLAIMS, { jku: 'https://evil.example', x5u: 'https://evil.example', jwk: SECOND.jwk }),
    want: 'authenticated',
  },
  {
    name: 'of the key that it carries itself',
    given: signToken({ ...SECOND, kid: 'first' }, CLAIMS, { jwk: SECOND.jwk }),
    want: BAD,
  },
  { name: 'with a member twice in its header', given: byHand(`{${HEAD},"alg":"ES256"}`), want: BAD },
  { name: 'with a member twice, once written otherwise', given: byHand(`{${HEAD},"\\u0061lg":"none"}`), want: BAD },
  {
    name: 'with a member twice in its claims',
    given: byHand(`{${HEAD}}`, `{"sub":"a",${JSON.stringify(CLAIMS).slice(1)}`),
    want: BAD,
  },
  {
    name: 'with a member twice below the top',
    given: byHand(`{${HEAD}}`, `{"x":{"a":1,"a":2},${JSON.stringify(CLAIMS).slice(1)}`),
    want: 'authenticated',
  },
  { name: 'with claims that are not UTF-8', given: latin1Claims(), want: BAD },
  { name: 'with an oversized header', given: signToken(KEY, CLAIMS, { x: 'x'.repeat(9000) }), want: BAD },
  { name: 'without a signature', given: `${signToken(KEY, CLAIMS).split('.').slice(0, 2).join('.')}.`, want: BAD },
  { name: 'with a signature that is cut off', given: signToken(KEY, CLAIMS).slice(0, -4), want: BAD },
  { name: 'with a signature in DER', given: derSigned(), want: BAD },
  { name: 'unsigned', given: signToken(KEY, CLAIMS, { alg: 'none' }), want: BAD },
  { name: 'with an HMAC', given: signToken(KEY, CLAIMS, { alg: 'HS256' }), want: BAD },
  { name: 'with an algorithm that is not listed', given: signToken(makeKey('ES384', 'first'), CLAIMS), want: BAD },
  { name: 'with an algorithm in small letters', given: signToken(KEY, CLAIMS, { alg: 'es256' }), want: BAD },
  { name: 'of RSA, which is listed', given: signToken(RSA, CLAIMS), keys: [RSA], want: 'authenticated' },
  {
    name: 'of a key that is published for another algorithm',
    given: signToken(RSA, CLAIMS),
    keys: [{ ...RSA.jwk, alg: 'PS256' }, KEY],
    want: BAD,
  },
  {
    name: 'of a key for encryption',
    given: signToken(RSA, CLAIMS),
    keys: [{ ...RSA.jwk, use: 'enc' }, KEY],
    want: BAD,
  },
  {
    name: 'of a key for signing only',
    given: signToken(RSA, CLAIMS),
    keys: [{ ...RSA.jwk, key_ops: ['sign'] }, KEY],
    want: BAD,
  },
  {
    name: 'of a key for verifying',
    given: signToken(RSA, CLAIMS),
    keys: [{ ...RSA.jwk, key_ops: ['verify'], use: 'sig', alg: 'RS256' }],
    want: 'authenticated',
  },
  {
    name: 'whose payload ends in bits that mean nothing, as Go takes it',
    given: withLooseBits(signToken(KEY, `${JSON.stringify(CLAIMS)} `.padEnd(121))),
    want: 'authenticated',
  },
];

function latin1Claims(): string {
  const header = Buffer.from(`{${HEAD}}`).toString('base64url');
  const signed = `${header}.${Buffer.from(JSON.stringify({ ...CLAIMS, sub: 'j\u00fcrgen' }), 'latin1').toString('base64url')}`;
  return `${signed}.${signatureOf(KEY, signed)}`;
}

function derSigned(): string {
  const [header, payload] = signToken(KEY, CLAIMS).split('.');
  return `${header}.${payload}.${Buffer.alloc(70, 0x30).toString('base64url')}`;
}

/** Sets the bits of the last character that no byte needs. */
function withLooseBits(token: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const [header, payload = '', signature] = token.split('.');
  assert.notEqual(payload.length % 4, 0, 'the last character must have bits to spare');
  const last = alphabet.charAt(alphabet.indexOf(payload.slice(-1)) | 1);
  return `${header}.${payload.slice(0, -1)}${last}.${signature}`;
}

void describe('a token', () => {
  for (const { name, given, keys = [KEY], want } of rows) {
    void test(`${name} is ${want}`, async () => assert.equal(outcomeOf(await login(given, keys)), want));
  }

  void test('of Google may leave the scheme of its issuer out, and no other', async () => {
    const token = signToken(KEY, { ...CLAIMS, iss: 'accounts.google.com' });
    assert.equal(outcomeOf(await login(token, [KEY], undefined, 'https://accounts.google.com')), 'authenticated');
    assert.equal(outcomeOf(await login(token, [KEY])), 'abstained foreign-issuer');
    const another = signToken(KEY, { ...CLAIMS, iss: 'idp.corp.example' });
    assert.equal(outcomeOf(await login(another, [KEY])), 'abstained foreign-issuer');
  });

  for (const algorithm of SIGNING_ALGORITHMS) {
    void test(`of ${algorithm} is taken when it is listed, and a change of one bit is seen`, async () => {
      const key = makeKey(algorithm, 'k');
      const token = signToken(key, CLAIMS);
      assert.equal(outcomeOf(await login(token, [key], [algorithm])), 'authenticated');
      const [header, payload, signature = ''] = token.split('.');
      const bytes = Buffer.from(signature, 'base64url');
      bytes.writeUInt8(bytes.readUInt8(9) ^ 1, 9);
      assert.equal(
        outcomeOf(await login(`${header}.${payload}.${bytes.toString('base64url')}`, [key], [algorithm])),
        BAD,
      );
    });
  }
});
