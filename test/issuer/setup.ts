// Issuers with keys of their own, and tokens made by hand, without the library that the issuer uses.

import { createHmac, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { parse } from 'yaml';
import type { BearerCredential } from '../../src/core/credential.ts';
import { parseJwt } from '../../src/core/jwt.ts';
import { Secret } from '../../src/core/secret.ts';
import type { Verdict } from '../../src/core/verdict.ts';
import type { Holder } from '../../src/issuer/claims.ts';
import { type Issuer, type Issuing, type Minted, openIssuer } from '../../src/issuer/issuer.ts';
import { keyOfPem, keyOfSecret } from '../../src/issuer/keys.ts';
import type { RevocationsSeams } from '../../src/issuer/revocations.ts';
import type { IssuerKey, IssuerSettings } from '../../src/issuer/settings.ts';
import { type FakeClock, fakeClock } from '../support/fake-clock.ts';

export const NAME = 'https://broker.corp.example';
export const AUDIENCE = 'kubernetes';
export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
export const ALICE: Holder = { username: 'ldap:alice', uid: '4f1c', groups: ['ldap:devs', 'ldap:ops'] };

export interface Pair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

export const ED25519: Pair = generateKeyPairSync('ed25519');
export const P256: Pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
export const SECRET = randomBytes(32).toString('base64url');

export function pem(key: KeyObject): Secret {
  return new Secret(key.export({ type: key.type === 'private' ? 'pkcs8' : 'spki', format: 'pem' }).toString());
}

/** Fails on a key that cannot be used. */
export function keyOf(result: ReturnType<typeof keyOfPem>): IssuerKey {
  if ('fault' in result) throw new Error(result.fault);
  return result.key;
}

export const EDDSA_KEY = keyOf(keyOfPem('ed', 'EdDSA', pem(ED25519.privateKey)));
export const ES256_KEY = keyOf(keyOfPem('es', 'ES256', pem(P256.privateKey)));
export const HS256_KEY = keyOf(keyOfSecret('hs', new Secret(SECRET)));

export interface World {
  readonly issuer: Issuer;
  readonly clock: FakeClock;
}

/** Three keys, EdDSA first, and a clock that stands still. */
export function issuerOf(change: Partial<IssuerSettings> = {}, clock = fakeClock()): World {
  const settings: IssuerSettings = {
    name: NAME,
    audience: AUDIENCE,
    lifetime: { defaultMs: 8 * HOUR_MS, maxMs: 24 * HOUR_MS },
    keys: [EDDSA_KEY, ES256_KEY, HS256_KEY],
    kubehookCompatible: false,
    crossEndpoints: false,
    ...change,
  };
  return { issuer: openIssuer(settings, { clock, randomBytes, log: () => undefined }), clock };
}

export const ENDPOINT = '/authenticate';

/** A token for alice, good for an hour at {@link ENDPOINT} unless told; fails when none is issued. */
export async function minted(issuer: Issuer, change: Partial<Issuing> = {}): Promise<Minted> {
  const moment = await issuer.moment();
  if ('kind' in moment) throw new Error(`unavailable: ${moment.reason}`);
  const issued = await issuer.issue({ holder: ALICE, endpoint: ENDPOINT, lifetimeMs: HOUR_MS, moment, ...change });
  if ('kind' in issued) throw new Error(`unavailable: ${issued.reason}`);
  return issued;
}

/** As the edge parses it; undefined when it is no bearer token. */
export function bearer(token: string): BearerCredential {
  const jwt = parseJwt(token);
  const secret = new Secret(token);
  return jwt === undefined
    ? { kind: 'bearer', form: 'opaque', token: secret }
    : { kind: 'bearer', form: 'jwt', token: secret, jwt };
}

/** `authenticated`, or the reason. */
export async function judged(issuer: Issuer, token: string, endpoint = ENDPOINT): Promise<string> {
  return wordOf(await issuer.verify(bearer(token), endpoint));
}

export function wordOf(verdict: Verdict<unknown>): string {
  return verdict.kind === 'authenticated' ? 'authenticated' : `${verdict.kind} ${verdict.reason}`;
}

/** A compact JWS with exactly this header and payload. */
export function handmade(header: object, payload: unknown, key: KeyObject | string): string {
  const input = [header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${input}.${signature(input, key).toString('base64url')}`;
}

function signature(input: string, key: KeyObject | string): Buffer {
  if (typeof key === 'string') return createHmac('sha256', key).update(input).digest();
  if (key.asymmetricKeyType === 'ed25519') return sign(null, Buffer.from(input), key);
  return sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
}

/** The claims of a token that is good now, for {@link handmade}. */
export function goodClaims(nowMs: number): Record<string, unknown> {
  const now = Math.floor(nowMs / 1000);
  const { username: sub, uid, groups } = ALICE;
  const times = { iat: now, nbf: now, exp: now + 3600 };
  return { iss: NAME, aud: AUDIENCE, sub, uid, groups, endpoint: ENDPOINT, ...times, jti: 'token-1' };
}

/** What a list of revocations takes from outside, with a clock of its own unless told. */
export function listSeams(clock: FakeClock = fakeClock()): RevocationsSeams {
  return { clock, randomBytes, lifetimeMaxMs: 24 * HOUR_MS };
}

/** The `jti` of each entry in a file of revocations. */
export function idsIn(path: string): readonly string[] {
  const entries: readonly { readonly jti: string }[] = parse(readFileSync(path, 'utf8'));
  return entries.map(({ jti }) => jti);
}

/** A path for revocations in a folder of its own. */
export function revocationsPath(t: Pick<TestContext, 'after'>): string {
  const folder = mkdtempSync(join(tmpdir(), 'issuer-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return join(folder, 'state', 'revocations.yaml');
}
