// What an expression sees at each place where one may stand: one variable, made from the program's own types.

import type { Credential } from '../core/credential.ts';
import type { Identity } from '../core/identity.ts';
import type { JsonObject, JsonValue } from '../text/json.ts';
import { FUNCTIONS } from './functions/index.ts';
import type { TypeEnvironment } from './types/environment.ts';
import { ANY, DYN, INT, listOf, mapOf, STRING, type Type } from './types/type.ts';
import { entriesOf, valueOf } from './values/json.ts';
import { CelMap, type Key, List, type Value } from './values/value.ts';

/** Which variable there is, never two of them. */
export type Scope = 'credential' | 'claims' | 'user' | 'answer';

const objectType = (name: string): Type => ({ kind: 'object', name, params: [] });
/** What kube-apiserver takes claims for; data that it does not know is less strict. */
const CLAIMS = mapOf(STRING, ANY);
const DATA = mapOf(STRING, DYN);

const FIELDS: TypeEnvironment['fields'] = new Map([
  [
    'kubernetes.UserInfo',
    { username: STRING, uid: STRING, groups: listOf(STRING), extra: mapOf(STRING, listOf(STRING)) },
  ],
  [
    'credential',
    { kind: STRING, username: STRING, form: STRING, prefix: STRING, issuer: STRING, header: DATA, claims: DATA },
  ],
  ['answer', { status: INT, headers: DATA, body: DYN }],
]);

const VARIABLES: Readonly<Record<Scope, Type>> = {
  claims: CLAIMS,
  user: objectType('kubernetes.UserInfo'),
  credential: objectType('credential'),
  answer: objectType('answer'),
};

export function typesOf(scope: Scope): TypeEnvironment {
  return { variables: new Map([[scope, VARIABLES[scope]]]), fields: FIELDS, functions: FUNCTIONS };
}

/** Variables by name, each made when it is first read. */
export type Variables = ReadonlyMap<string, () => Value>;

export const claimsVariables = (claims: JsonObject): Variables =>
  new Map([['claims', () => new CelMap(entriesOf(claims), 'escaped', 'kubernetes.claims')]]);

/** `user`: as kube-apiserver would see it, before `system:authenticated` is added. */
export function userVariables({ username, uid, groups, extra }: Identity): Variables {
  return input('user', 'kubernetes.UserInfo', () => [
    ['username', username],
    ['uid', uid ?? ''],
    ['groups', new List(groups)],
    ['extra', new CelMap(new Map(Object.entries(extra).map(([key, values]) => [key, new List(values)])))],
  ]);
}

/** `credential`: every field is always there, empty where the kind of credential has no such thing. */
export function credentialVariables(credential: Credential): Variables {
  return input('credential', 'credential', () => Object.entries(credentialFields(credential)));
}

/** What an upstream answered. */
export interface HttpStatement {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: JsonObject;
  /** The JSON, or the text of a body that is none. */
  readonly body: JsonValue;
}

/** `answer`: of an HTTP upstream. */
export function answerVariables({ status, headers, body }: HttpStatement): Variables {
  return input('answer', 'answer', () => [
    ['status', BigInt(status)],
    ['headers', new CelMap(entriesOf(headers))],
    ['body', valueOf(body)],
  ]);
}

function input(name: string, typeName: string, fields: () => readonly [string, Value][]): Variables {
  return new Map([[name, () => new CelMap(new Map<Key, Value>(fields()), 'escaped', typeName)]]);
}

function credentialFields(credential: Credential): Record<string, Value> {
  if (credential.kind === 'password') {
    const { kind, username } = credential;
    return { kind, username, form: '', prefix: '', issuer: '', header: EMPTY, claims: EMPTY };
  }
  const { kind, form, jwt } = credential;
  return {
    kind,
    username: '',
    form,
    prefix: form === 'opaque' ? tokenPrefix(credential.token.reveal()) : '',
    issuer: jwt?.issuer ?? '',
    header: jwt === undefined ? EMPTY : valueOf(jwt.header),
    claims: jwt === undefined ? EMPTY : valueOf(jwt.claims),
  };
}

const EMPTY = new CelMap(new Map());
const MAX_PREFIX_CHARACTERS = 8;

/** `ghp` of `ghp_16C7…`: what services put in front of their tokens; empty when there is none. */
function tokenPrefix(token: string): string {
  const end = token.search(/[_-]/);
  return end > MAX_PREFIX_CHARACTERS ? '' : token.slice(0, Math.max(end, 0));
}
