// The one request of http-basic, and the verdict of its answer.

import {
  type Abstained,
  abstained,
  type Rejected,
  rejected,
  type Unavailable,
  unavailable,
} from '../../src/core/verdict.ts';
import { dataObject, type JsonObject, type JsonValue, parseJsonObject } from '../../src/text/json.ts';
import type { HttpAnswer, HttpClient } from '../../src/upstream/http/client.ts';
import type { HttpBasicOptions } from './options.ts';

/** Sends these Basic credentials once; undefined sends none. Never throws. */
export type Ask = (basic: string | undefined, signal: AbortSignal) => Promise<HttpAnswer | Unavailable>;

export interface Accepted {
  readonly kind: 'accepted';
  /** The body, where it is a JSON object. */
  readonly fields: JsonObject | undefined;
}

export type Judge = (answer: HttpAnswer) => Accepted | Abstained | Rejected | Unavailable;

/** UTF-8, then base64 (RFC 7617 §2.1). */
export function basicCredentials(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

/** The body is read only where it can hold claims: error pages may be long. */
export function askWith(http: HttpClient, { url, method, acceptStatus }: HttpBasicOptions): Ask {
  const wantsBody = (status: number) => acceptStatus.includes(status);
  return (basic, signal) => {
    const headers = { accept: 'application/json', ...(basic === undefined ? {} : { authorization: basic }) };
    return http.send({ method, url, headers, wantsBody }, signal);
  };
}

/**
 * 401 is abstained, because it cannot tell an unknown user from a wrong password; 403 knows the user. A status in neither
 * list is an outage: it proves nothing about the password.
 */
export function judgeBy(options: Pick<HttpBasicOptions, 'acceptStatus' | 'rejectStatus' | 'accept'>): Judge {
  const { acceptStatus, rejectStatus, accept } = options;
  return (answer) => {
    const { status } = answer;
    const detail = `HTTP ${status}`;
    if (acceptStatus.includes(status)) return judgeContent(answer, accept);
    if (rejectStatus.includes(status)) {
      return status === 403 ? rejected('forbidden', detail) : abstained('not-authenticated', detail);
    }
    if (status >= 300 && status <= 399) return unavailable('redirected', detail);
    if (status === 429) return unavailable('rate-limited', detail);
    return unavailable(status >= 500 ? 'upstream-error' : 'unexpected-status', detail);
  };
}

/** A refusal may come with a success status: as `error` in the body, as OpenShift's basic-auth protocol has it, or as `accept` says. */
function judgeContent(answer: HttpAnswer, accept: HttpBasicOptions['accept']): ReturnType<Judge> {
  const detail = `HTTP ${answer.status}`;
  const fields = parseJsonObject(answer.body);
  if (!isNothing(fields?.['error'])) return abstained('not-authenticated', `${detail} with an error in its body`);
  const held = accept?.evaluate({
    status: answer.status,
    headers: dataObject(Object.entries(answer.headers)),
    body: fields ?? answer.body,
  });
  if (held === undefined) return { kind: 'accepted', fields };
  if (!held.ok) return unavailable('malformed-answer', `${detail}, and accept cannot be evaluated: ${held.error}`);
  return held.value
    ? { kind: 'accepted', fields }
    : abstained('not-authenticated', `${detail}, and accept does not hold`);
}

/** Absent, null, false, empty text, and a list or map without members. */
function isNothing(value: JsonValue | undefined): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0;
  return value === undefined || value === null || value === false || value === '';
}
