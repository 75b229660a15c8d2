// What the answer to a TokenReview says; no I/O.

import type { Claims } from '../../src/core/claims.ts';
import {
  abstained,
  authenticated,
  rejected,
  type Unavailable,
  unavailable,
  type Verdict,
} from '../../src/core/verdict.ts';
import { dataObject, isJsonObject, isText, type JsonObject, parseJsonObject, stringList } from '../../src/text/json.ts';

export interface Asked {
  readonly kind: 'bearer' | 'password';
  readonly audiences: readonly string[];
  /** The audiences are those of the option, so that the upstream must confirm one. */
  readonly isDemanded: boolean;
}

/**
 * kube-apiserver says that it does not know a token in `status.error`, where others tell an outage. These are its words for a token
 * that is bad, as kube-apiserver 1.37 was seen to say them; every other word is an outage (k8s.io/apiserver
 * pkg/authentication/request/bearertoken; k8s.io/kubernetes pkg/serviceaccount).
 */
const BAD_TOKEN: readonly RegExp[] = [
  /^invalid bearer token$/,
  /^token has been invalidated$/i,
  /^service account token (?:has expired|has been invalidated|is not valid yet)$/,
  /^token audiences \[.*\] is invalid for the target audiences \[.*\]$/,
  /^service account UID \([^)]*\) does not match claim \([^)]*\)$/,
  /^(?:serviceaccounts|pods|secrets|nodes) "[^"]*" not found$/,
  /^(?:go-jose|square)\/go-jose: error in cryptographic primitive$/,
];

const VERSIONS: ReadonlySet<unknown> = new Set(['authentication.k8s.io/v1', 'authentication.k8s.io/v1beta1']);

/** The verdict of a 200 or 201. */
export function verdictOf(body: string, asked: Asked): Verdict<Claims> {
  const review = parseJsonObject(body);
  if (review === undefined) return malformed('is no JSON object');
  const { apiVersion, kind, status } = review;
  if (kind !== 'TokenReview' || !VERSIONS.has(apiVersion)) return malformed('is no TokenReview');
  if (!isJsonObject(status)) return malformed('has no status');
  const { error, authenticated: isGood = false } = status;
  if (typeof isGood !== 'boolean') return malformed('has a status.authenticated that is neither true nor false');
  if (isText(error)) return ofError(error, asked);
  if (!isGood) return unknown(asked);
  return isJsonObject(status['user']) ? personOf(status['user'], status, asked) : malformed('names no user');
}

/** Its text may hold anything, an address or the token, so it is never shown. */
function ofError(error: string, asked: Asked): Verdict<Claims> {
  const parts = error.replace(/^\[(.*)\]$/s, '$1').split(', ');
  if (parts.every((part) => BAD_TOKEN.some((words) => words.test(part)))) return unknown(asked);
  return unavailable('upstream-error', 'the answer has a status.error: the log of the upstream tells more');
}

function unknown({ kind }: Asked): Verdict<Claims> {
  return abstained(kind === 'password' ? 'not-authenticated' : 'unknown-token');
}

function personOf(user: JsonObject, status: JsonObject, asked: Asked): Verdict<Claims> {
  const { username, uid = '', groups = [], extra = {} } = user;
  const names = stringList(groups ?? []);
  const values = extraOf(extra ?? {});
  const audiences = stringList(status['audiences'] ?? []);
  if (!isText(username)) return malformed('names no user');
  if (typeof uid !== 'string') return malformed('has a uid that is no text');
  if (names === undefined) return malformed('has groups that are no list of texts');
  if (values === undefined) return malformed('has an extra that is no map of lists of texts');
  if (audiences === undefined) return malformed('has audiences that are no list of texts');
  const good = goodFor(audiences, asked);
  if (good === 'none') return rejected('wrong-audience');
  const subject = uid === '' ? username : uid;
  const said = { username, ...(uid !== '' && { uid }), groups: names, extra: values, subject };
  return authenticated({
    subject,
    attributes: dataObject(Object.entries(said)),
    ...(good !== 'ours' && { audiences: good }),
  });
}

/**
 * An upstream that names no audience knows of none, and its tokens are good for itself alone
 * (k8s.io/apiserver plugin/pkg/authenticator/token/webhook): not enough where one is demanded.
 */
function goodFor(named: readonly string[], { audiences, isDemanded }: Asked): readonly string[] | 'ours' | 'none' {
  if (audiences.length === 0) return 'ours';
  if (named.length === 0) return isDemanded ? 'none' : 'ours';
  const good = named.filter((audience) => audiences.includes(audience));
  if (good.length === 0) return 'none';
  return isDemanded ? 'ours' : good;
}

function extraOf(extra: JsonObject[string]): Readonly<Record<string, readonly string[]>> | undefined {
  if (!isJsonObject(extra)) return undefined;
  const entries = Object.entries(extra).map(([key, list]) => [key, stringList(list)] as const);
  const known = entries.flatMap(([key, list]) => (list === undefined ? [] : [[key, list] as const]));
  return known.length === entries.length ? Object.fromEntries(known) : undefined;
}

function malformed(what: string): Unavailable {
  return unavailable('malformed-answer', `the answer ${what}`);
}
