// What the HTTP status and content type of an authorization server's answer mean, before anything in it is believed.

import {
  type Abstained,
  abstained,
  type Rejected,
  rejected,
  type Unavailable,
  unavailable,
} from '../../src/core/verdict.ts';
import { parseJsonObject } from '../../src/text/json.ts';
import { isJsonType } from '../../src/text/media-type.ts';
import type { HttpAnswer } from '../../src/upstream/http/client.ts';

/** A verdict that an answer's outside already decides; undefined when its JSON is worth reading. */
export type AnswerRule = (answer: HttpAnswer, where: string) => Abstained | Rejected | Unavailable | undefined;

/** Error codes that may be shown; another text might be an echo of the token. */
const SHOWN_ERRORS = new Set([
  'invalid_request',
  'invalid_token',
  'unauthorized_client',
  'access_denied',
  'insufficient_scope',
  'invalid_scope',
  'unsupported_grant_type',
  'not_found',
]);

/** A document at a well-known address (OpenID Connect Discovery §4.2). */
export const discoveryRule: AnswerRule = (answer, where) => commonRule(answer, where);

/** RFC 7662 §2.2 and §2.3: a refusal always concerns the client that asks, never the token it asks about. */
export const introspectionRule: AnswerRule = (answer, where) => {
  if (answer.status === 401 || answer.status === 403) return clientRefused(answer.status, where);
  if (answer.status !== 400) return commonRule(answer, where);
  const error = errorOf(answer);
  if (error === 'unsupported_token_type') return abstained('unsupported-token');
  if (error === 'invalid_client') return clientRefused(400, where);
  return commonRule(answer, where);
};

/** OpenID Connect Core §5.3.3: a refusal concerns the token, which the introspection has just called active. */
export const userinfoRule: AnswerRule = (answer, where) => {
  if (answer.status !== 401 && answer.status !== 403) return commonRule(answer, where);
  const cure = 'the token needs the scope openid, or userinfo must be turned off';
  return rejected('mapping-failed', `${where} refuses the token (HTTP ${answer.status}): ${cure}`);
};

function commonRule(answer: HttpAnswer, where: string): Unavailable | undefined {
  const { status } = answer;
  const seen = `HTTP ${status} from ${where}`;
  if (status === 200) {
    const isJson = isJsonType(String(answer.headers['content-type'] ?? ''));
    return isJson ? undefined : unavailable('malformed-answer', `the answer of ${where} is not application/json`);
  }
  if (status >= 300 && status < 400) return unavailable('redirected', seen);
  if (status === 429) return unavailable('rate-limited', seen);
  if (status >= 500) return unavailable('upstream-error', seen);
  const error = errorOf(answer);
  return unavailable('unexpected-status', error !== undefined && SHOWN_ERRORS.has(error) ? `${seen}: ${error}` : seen);
}

function clientRefused(status: number, where: string): Unavailable {
  return unavailable('client-refused', `HTTP ${status} from ${where}`);
}

/** `error` of an OAuth error body (RFC 6749 §5.2). */
function errorOf(answer: HttpAnswer): string | undefined {
  const error = parseJsonObject(answer.body)?.['error'];
  return typeof error === 'string' ? error : undefined;
}
