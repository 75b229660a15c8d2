// One exchange of JSON with an authorization server: what its status and content type say comes before its body.

import { type Abstained, type Rejected, type Unavailable, unavailable } from '../../core/verdict.ts';
import { isJsonObject, type JsonObject, parseJson, parseJsonObject } from '../../text/json.ts';
import { isJsonType } from '../http/body.ts';
import type { HttpAnswer, HttpClient, HttpRequest } from '../http/client.ts';

export type Refused = Abstained | Rejected | Unavailable;

/** What an authorization server said, as it was parsed; or why it said nothing that can be used. */
export type Said<R extends Refused = Refused> = { readonly kind: 'said'; readonly json: JsonObject } | R;

/** A verdict that an answer's outside already decides; undefined when its JSON is worth reading. `where` has no query. */
export type AnswerRule<R extends Refused = Refused> = (answer: HttpAnswer, where: string) => R | undefined;

/** How long a kept connection may be silent before an idempotent question is asked once more on a new one. */
export const REPEAT_AFTER_MS = 1000;

/** Never throws. Default headers ask for JSON. */
export async function exchangeJson<R extends Refused>(
  http: HttpClient,
  request: HttpRequest,
  rule: AnswerRule<R>,
  signal: AbortSignal,
): Promise<Said<R | Unavailable>> {
  const headers = { accept: 'application/json', ...request.headers };
  const answer = await http.send({ ...request, headers }, signal);
  if (answer.kind !== 'answer') return answer;
  const where = request.url.origin + request.url.pathname;
  const refused = rule(answer, where);
  if (refused !== undefined) return refused;
  const json = objectIn(answer.body);
  return json === undefined
    ? unavailable('malformed-answer', `the answer of ${where} is not a JSON object`)
    : { kind: 'said', json };
}

/** Copied into data once, when claims are made of it: each object without prototype costs more than its parsing. */
function objectIn(text: string): JsonObject | undefined {
  const value = parseJson(text);
  return isJsonObject(value) ? value : undefined;
}

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

/** The rule of a published document: 200 is worth reading whatever its type, because static files are served with any. */
export const documentRule: AnswerRule<Unavailable> = (answer, where) => {
  const { status } = answer;
  const seen = `HTTP ${status} from ${where}`;
  if (status === 200) return undefined;
  if (status >= 300 && status < 400) return unavailable('redirected', seen);
  if (status === 429) return unavailable('rate-limited', seen);
  if (status >= 500) return unavailable('upstream-error', seen);
  const error = oauthErrorOf(answer);
  return unavailable('unexpected-status', error !== undefined && SHOWN_ERRORS.has(error) ? `${seen}: ${error}` : seen);
};

/** The rule of an endpoint that answers questions: JSON must be called JSON as well. */
export const jsonRule: AnswerRule<Unavailable> = (answer, where) => {
  const outage = documentRule(answer, where);
  if (outage !== undefined || isJsonType(answer.headers['content-type'])) return outage;
  return unavailable('malformed-answer', `the answer of ${where} is not application/json`);
};

/** `error` of an OAuth error body (RFC 6749 §5.2). */
export function oauthErrorOf(answer: HttpAnswer): string | undefined {
  const error = parseJsonObject(answer.body)?.['error'];
  return typeof error === 'string' ? error : undefined;
}
