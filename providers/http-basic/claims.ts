// The claims of an accepted answer: what its body and headers say about the person.

import { type Claims } from '../../src/core/claims.ts';
import { type Authenticated, authenticated, type Unavailable, unavailable } from '../../src/core/verdict.ts';
import { dataObject, type JsonObject } from '../../src/text/json.ts';
import { decodeHeaderValue } from '../../src/text/utf8.ts';
import { isJsonType } from '../../src/upstream/http/body.ts';
import type { HttpAnswer } from '../../src/upstream/http/client.ts';
import type { Accepted } from '../../src/upstream/http/judge.ts';

const SUBJECT_FIELDS = ['subject', 'sub', 'uid', 'id'] as const;

/**
 * The claims of an accepted answer; `malformed-answer` when its type is JSON and its body no JSON object, because a
 * truncated answer without its `username` would change a person's name. An empty body and any other type state nothing.
 */
export function authenticatedBy(
  answer: HttpAnswer & Pick<Accepted, 'fields'>,
  asked: string,
  headers: readonly string[],
): Authenticated<Claims> | Unavailable {
  const statesFields = isJsonType(answer.headers['content-type']) && answer.body.trim() !== '';
  const fields = statesFields ? answer.fields : NO_FIELDS;
  if (fields === undefined) {
    return unavailable('malformed-answer', `HTTP ${answer.status} with a JSON content type, but no JSON object`);
  }
  return authenticated(claimsOf(fields, headerClaims(answer, headers, fields), asked));
}

const NO_FIELDS: JsonObject = dataObject([]);

/**
 * The fields of the body, the header claims, `username` (the body's `username` or
 * `preferred_username`, else as it was asked for) and `subject`
 * (the body's `subject`, `sub`, `uid` or `id` if it is text, else the username).
 */
function claimsOf(fields: JsonObject, headers: Iterable<readonly [string, unknown]>, asked: string): Claims {
  const username = statedText(fields, 'username') ?? statedText(fields, 'preferred_username') ?? asked;
  const subjects = SUBJECT_FIELDS.map((field) => statedText(fields, field));
  const subject = subjects.find((text) => text !== undefined) ?? username;
  const own = [
    ['username', username],
    ['subject', subject],
  ] as const;
  return { subject, attributes: dataObject([...Object.entries(fields), ...headers, ...own]) };
}

function statedText(fields: JsonObject, name: string): string | undefined {
  const value = fields[name];
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

/**
 * Each header twice: as `headers.<name>` for `claim:`, and within `headers` for `claims.headers['<name>']`, unless the body
 * has a field of that name. No `headers` where none is configured.
 */
function headerClaims(
  answer: HttpAnswer,
  names: readonly string[],
  fields: JsonObject,
): (readonly [string, unknown])[] {
  const found = names.flatMap((name): (readonly [string, string | string[]])[] => {
    const value = answer.headers[name];
    if (value === undefined) return [];
    return [[name, typeof value === 'string' ? headerText(value) : value.map(headerText)]];
  });
  const flat = found.map(([name, value]) => [`headers.${name}`, value] as const);
  return names.length === 0 || 'headers' in fields ? flat : [...flat, ['headers', dataObject(found)]];
}

/** What is not UTF-8 was meant as the Latin-1 that it is. */
function headerText(value: string): string {
  return decodeHeaderValue(value) ?? value;
}
