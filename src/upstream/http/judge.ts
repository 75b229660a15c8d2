// The verdict of an answer that is judged by its status, and by what it says beside it.

import {
  type Abstained,
  abstained,
  type Rejected,
  rejected,
  type Unavailable,
  unavailable,
} from '../../core/verdict.ts';
import { dataObject, type JsonObject, type JsonValue, parseJsonObject } from '../../text/json.ts';
import type { HttpAnswer } from './client.ts';

export interface AnswerRules {
  readonly acceptStatus: readonly number[];
  readonly rejectStatus: readonly number[];
  /** Must hold for an answer with an `acceptStatus` too. */
  readonly accept?: AnswerExpression | undefined;
}

/** An expression over `answer`. */
export interface AnswerExpression {
  evaluate(answer: {
    readonly status: number;
    readonly headers: JsonObject;
    readonly body: JsonValue;
  }): { readonly ok: true; readonly value: boolean } | { readonly ok: false; readonly error: string };
}

export interface Accepted {
  readonly kind: 'accepted';
  /** The body, where it is a JSON object. */
  readonly fields: JsonObject | undefined;
}

export type Judgement = Accepted | Abstained | Rejected | Unavailable;
export type Judge = (answer: HttpAnswer) => Judgement;

/** Why an answer that refuses does not settle whose the credential is. */
type Unknown = 'not-authenticated' | 'unknown-token';

/**
 * A refusal other than 403 abstains with `unknown`, because it cannot tell a stranger from a bad secret; 403 knows who asks. A
 * status in neither list is an outage: it proves nothing about the credential.
 */
export function judgeBy({ acceptStatus, rejectStatus, accept }: AnswerRules, unknown: Unknown): Judge {
  return (answer) => {
    const { status } = answer;
    const detail = `HTTP ${status}`;
    if (acceptStatus.includes(status)) return judgeContent(answer, accept, unknown);
    if (rejectStatus.includes(status))
      return status === 403 ? rejected('forbidden', detail) : abstained(unknown, detail);
    return outageOfStatus(status, detail);
  };
}

/** Of a status that neither accepts nor refuses. */
export function outageOfStatus(status: number, detail: string): Unavailable {
  if (status >= 300 && status <= 399) return unavailable('redirected', detail);
  if (status === 429) return unavailable('rate-limited', detail);
  return unavailable(status >= 500 ? 'upstream-error' : 'unexpected-status', detail);
}

/** A refusal may come with a success status: as `error` in the body, as OpenShift's basic-auth protocol has it, or as `accept` says. */
function judgeContent(answer: HttpAnswer, accept: AnswerRules['accept'], unknown: Unknown): Judgement {
  const detail = `HTTP ${answer.status}`;
  const fields = parseJsonObject(answer.body);
  if (!isNothing(fields?.['error'])) return abstained(unknown, `${detail} with an error in its body`);
  const held = accept && holds(accept, answer, fields);
  if (held === undefined) return { kind: 'accepted', fields };
  if (!held.ok) return unavailable('malformed-answer', `${detail}, and accept cannot be evaluated: ${held.error}`);
  return held.value ? { kind: 'accepted', fields } : abstained(unknown, `${detail}, and accept does not hold`);
}

/** Evaluates an expression over an answer, whose body is `fields` where it is a JSON object, else text. */
export function holds(
  expression: AnswerExpression,
  { status, headers, body }: HttpAnswer,
  fields: JsonObject | undefined,
): ReturnType<AnswerExpression['evaluate']> {
  return expression.evaluate({ status, headers: dataObject(Object.entries(headers)), body: fields ?? body });
}

/** Absent, null, false, empty text, and a list or map without members. */
function isNothing(value: JsonValue | undefined): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0;
  return value === undefined || value === null || value === false || value === '';
}
