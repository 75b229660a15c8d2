// The cases by which kubernetes tests its JWT authenticator (k8s.io/apiserver, oidc_test.go of v0.37.2), as data.

import { readFileSync } from 'node:fs';
import type { JsonObject } from '../../../src/text/json.ts';
import { makeKey, signToken, type TokenKey } from '../../support/signed-tokens.ts';
import type { Case, Identity } from './case.ts';
import type { Issuers } from './issuer.ts';

const FILE = new URL('kubernetes-cases.jsonl', import.meta.url);

/** `{url}` stands for the issuer of the case, `"{valid}"` and `"{expired}"` for times. */
interface Recorded {
  readonly name: string;
  /** Why it cannot be written in a file of kube-apiserver; then there is nothing else. */
  readonly notAsked?: string;
  readonly authenticator: JsonObject;
  readonly claims?: JsonObject;
  /** Key and algorithm. */
  readonly signer?: string;
  readonly keys: readonly string[];
  readonly discovery?: JsonObject;
  /** What is signed at these paths, without their slash. */
  readonly answers?: Readonly<Record<string, JsonObject>>;
  /** What kubernetes wants. */
  readonly want: Identity | 'refused' | 'not started';
}

export interface KubernetesCase {
  readonly asked: Case;
  readonly want: Recorded['want'];
}

export interface KubernetesCases {
  readonly cases: readonly KubernetesCase[];
  readonly notAsked: readonly string[];
}

export function kubernetesCases(issuers: Issuers): KubernetesCases {
  const recorded = readFileSync(FILE, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line): Recorded => JSON.parse(line));
  const asked = recorded.filter(({ notAsked }) => notAsked === undefined);
  return {
    cases: asked.map((row, index) => ({ asked: caseOf(row, index, issuers), want: row.want })),
    notAsked: recorded.flatMap(({ name, notAsked }) => (notAsked === undefined ? [] : [`${name}: ${notAsked}`])),
  };
}

function caseOf(row: Recorded, index: number, { origin, authority }: Issuers): Case {
  const path = `/kubernetes/${index}`;
  const filled = <T>(value: T): T => fill(value, origin + path);
  const { issuer, ...rules } = filled(row.authenticator);
  const keys = { keys: row.keys.map((name) => ({ ...keyOf(name).jwk, alg: keyOf(name).algorithm, use: 'sig' })) };
  const signed = (claims: JsonObject): string => signToken(keyOf(row.signer ?? 'rsa-1 RS256'), filled(claims));
  const document = JSON.stringify(filled(row.discovery));
  return {
    name: row.name,
    authenticator: { issuer: { ...Object(issuer), certificateAuthority: authority }, ...rules },
    path,
    keys,
    answers: new Map([
      ['/.testing/keys', JSON.stringify(keys)],
      ...(row.discovery === undefined ? [] : WELL_KNOWN.map((where) => [where, document] as const)),
      ...Object.entries(row.answers ?? {}).map(([where, claims]) => [`/${where}`, signed(claims)] as const),
    ]),
    tokens: row.claims === undefined ? [] : [{ about: row.name, text: signed(row.claims), rows: [] }],
    rows: [],
  };
}

const WELL_KNOWN = ['/.well-known/openid-configuration', '/c/d/bar/.well-known/openid-configuration'];
const HOUR_S = 3600;

function fill<T>(value: T, url: string): T {
  if (value === undefined) return value;
  const nowS = Math.trunc(Date.now() / 1000);
  const text = JSON.stringify(value)
    .replaceAll('{url}', url)
    .replaceAll('"{valid}"', String(nowS + HOUR_S))
    .replaceAll('"{expired}"', String(nowS - HOUR_S));
  return JSON.parse(text);
}

const MADE = new Map<string, TokenKey>();

/** `rsa-1 PS256`: one key may sign with several algorithms. */
function keyOf(name: string): TokenKey {
  const [kid = '', algorithm] = name.split(' ');
  const made = MADE.get(kid) ?? makeKey(kid.startsWith('rsa') ? 'RS256' : 'ES512', kid);
  MADE.set(kid, made);
  return algorithm === 'PS256' ? { ...made, algorithm } : made;
}
