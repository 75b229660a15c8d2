// What an answer says: the verdict of its status, the claims of its body and headers.

import { type Claims, dataObject, type JsonObject, parseJsonObject } from '../../src/core/claims.ts';
import {
  type Abstained,
  abstained,
  type Rejected,
  rejected,
  type Unavailable,
  unavailable,
} from '../../src/core/verdict.ts';
import type { HttpAnswer } from '../support/http.ts';
import type { HttpBasicOptions } from './options.ts';

export type Judgement = 'accepted' | Abstained | Rejected | Unavailable;

const SUBJECT_FIELDS = ['subject', 'sub', 'uid', 'id'] as const;
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * 401 is abstained, because it cannot tell an unknown user from a wrong password; 403 knows the user. A status that nobody
 * configured is an outage: it proves nothing about the password.
 */
export function judge(status: number, options: Pick<HttpBasicOptions, 'acceptStatus' | 'rejectStatus'>): Judgement {
  const detail = `HTTP ${status}`;
  if (options.acceptStatus.includes(status)) return 'accepted';
  if (options.rejectStatus.includes(status)) {
    return status === 403 ? rejected('forbidden', detail) : abstained('not-authenticated', detail);
  }
  if (status >= 300 && status <= 399) return unavailable('redirected', detail);
  if (status === 429) return unavailable('rate-limited', detail);
  return unavailable(status >= 500 ? 'upstream-error' : 'unexpected-status', detail);
}

/**
 * The fields of a JSON object body, `headers.<lower-case name>` of the listed headers, `username` (as the upstream states
 * it, else as it was asked for) and `subject` (the body's `subject`, `sub`, `uid` or `id` if it is text, else the username).
 */
export function claimsOf(answer: HttpAnswer, asked: string, headers: readonly string[]): Claims {
  const fields = isJson(answer) ? parseJsonObject(answer.body) : undefined;
  const username = statedText(fields, 'username') ?? asked;
  const subjects = SUBJECT_FIELDS.map((field) => statedText(fields, field));
  const subject = subjects.find((text) => text !== undefined) ?? username;
  const attributes = dataObject([
    ...Object.entries(fields ?? {}),
    ...headerClaims(answer, headers),
    ['username', username],
    ['subject', subject],
  ]);
  return { subject, attributes };
}

function isJson({ headers }: HttpAnswer): boolean {
  const type =
    String(headers['content-type'] ?? '')
      .split(';', 1)[0]
      ?.trim()
      .toLowerCase() ?? '';
  return type === 'application/json' || (type.startsWith('application/') && type.endsWith('+json'));
}

function statedText(fields: JsonObject | undefined, name: string): string | undefined {
  const value = fields?.[name];
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

function headerClaims(answer: HttpAnswer, names: readonly string[]): (readonly [string, unknown])[] {
  return names.flatMap((name) => {
    const value = answer.headers[name];
    if (value === undefined) return [];
    return [[`headers.${name}`, typeof value === 'string' ? fromUtf8(value) : value.map(fromUtf8)] as const];
  });
}

/** undici reads headers as Latin-1; proxies write them as UTF-8. */
function fromUtf8(value: string): string {
  try {
    return strictUtf8.decode(Buffer.from(value, 'latin1'));
  } catch {
    return value;
  }
}
