// The variables of an expression, made from the program's own types only when an expression reads them.

import type { Credential } from '../core/credential.ts';
import type { Identity } from '../core/identity.ts';
import { dataObject, type JsonObject, type JsonValue } from '../text/json.ts';
import { type CelMap, celMap } from './values.ts';

/** Variables by name, as cel-js takes them. */
export type Variables = Readonly<Record<string, unknown>>;

const NONE: CelMap = new Map();

/** `credential`: every field is always there, empty where the kind of credential has no such thing. */
export function credentialVariables(credential: Credential): Variables {
  if (credential.kind === 'password') {
    const { kind, username } = credential;
    return { credential: { kind, username, form: '', issuer: '', header: NONE, claims: NONE } };
  }
  const { kind, form, jwt } = credential;
  const issuer = jwt?.claims['iss'];
  return {
    credential: {
      kind,
      username: '',
      form,
      issuer: typeof issuer === 'string' ? issuer : '',
      get header() {
        return jwt === undefined ? NONE : celMap(jwt.header);
      },
      get claims() {
        return jwt === undefined ? NONE : celMap(jwt.claims);
      },
    },
  };
}

/** `claims`, with escaped names when the expression uses one. */
export function claimsVariables(claims: JsonObject, escaped: boolean): Variables {
  return { claims: escaped ? withEscapedNames(celMap(claims)) : celMap(claims) };
}

/** `user`: as kube-apiserver would see it, before `system:authenticated` is added. */
export function userVariables({ username, uid, groups, extra }: Identity): Variables {
  return { user: { username, uid: uid ?? '', groups, extra: celMap(dataObject(Object.entries(extra))) } };
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
  return {
    answer: {
      status: BigInt(status),
      headers: celMap(headers),
      body: celMap(dataObject([['body', body]])).get('body'),
    },
  };
}

const ESCAPES: readonly (readonly [string, string])[] = [
  ['__', '__underscores__'],
  ['.', '__dot__'],
  ['-', '__dash__'],
  ['/', '__slash__'],
];

/** `example.org/role` is `claims.example__dot__org__slash__role` too, as in kube-apiserver. */
function withEscapedNames(claims: CelMap): CelMap {
  const all = new Map(claims);
  for (const [name, value] of claims) {
    const escaped = ESCAPES.reduce((text, [plain, escape]) => text.replaceAll(plain, escape), name);
    if (!all.has(escaped)) all.set(escaped, value);
  }
  return all;
}
