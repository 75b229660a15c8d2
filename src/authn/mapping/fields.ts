// Claims → username, groups, uid and extra, with kube-apiserver's rules on types, nulls and empty values.

import type { Expression } from '../../cel/compile.ts';
import type { TraceStep } from '../../core/authenticator.ts';
import type { RejectReason } from '../../core/reasons.ts';
import type { JsonObject, JsonValue } from '../../text/json.ts';
import { isJsonList } from '../../text/json.ts';
import { type ClaimName, type ExtraSource, type NameSource, sourceText } from './mapping.ts';

/** What one step of a mapping gives; `detail` names the rule and the claim that failed, never a value. */
export type Mapped<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: RejectReason; readonly detail: string };

export const ok = <T>(value: T): Mapped<T> => ({ ok: true, value });

export function failed(detail: string, reason: RejectReason = 'mapping-failed'): Mapped<never> {
  return { ok: false, reason, detail };
}

/** Where the steps of one review are written down; without `write` they are not. */
export interface Trace {
  readonly provider: string;
  readonly write: ((step: TraceStep) => void) | undefined;
}

/**
 * A claim must be a non-empty JSON string without surrounding space, an expression must give such a string. A claim named
 * `email` counts only when `email_verified` is absent or true
 * (k8s.io/apiserver plugin/pkg/authenticator/token/oidc, getUsername).
 */
export function mapUsername(source: NameSource, claims: JsonObject, trace: Trace): Mapped<string> {
  const result = source.kind === 'claim' ? claimUsername(source, claims) : text('username', source.expression, claims);
  const usable = result.ok && result.value === '' ? failed('username: it is empty', 'invalid-username') : result;
  return traced(trace, 'username', sourceText(source), usable);
}

function claimUsername({ claim, prefix }: ClaimName, claims: JsonObject): Mapped<string> {
  const name = claimText('username', claim, claims);
  if (!name.ok) return name;
  if (name.value.trim() === '') return failed(`username: claim ${claim} is empty`, 'invalid-username');
  if (name.value.trim() !== name.value) {
    return failed(`username: claim ${claim} has surrounding space`, 'invalid-username');
  }
  if (claim === 'email' && claims['email_verified'] !== undefined && claims['email_verified'] !== true) {
    return failed('username: claim email_verified is not true');
  }
  return ok(prefix + name.value);
}

/** The uid; empty when an expression gives the empty string, which means none. */
export function mapUid(source: NameSource, claims: JsonObject, trace: Trace): Mapped<string> {
  const result =
    source.kind === 'claim' ? claimText('uid', source.claim, claims) : text('uid', source.expression, claims);
  return traced(trace, 'uid', sourceText(source), result);
}

/** A string or a list of strings; a missing claim and null are no groups. Empty names are dropped before the prefix. */
export function mapGroups(source: NameSource, claims: JsonObject, trace: Trace): Mapped<readonly string[]> {
  const result =
    source.kind === 'claim'
      ? strings(`groups: claim ${source.claim}`, withoutNulls(claims[source.claim]), trace)
      : listResult('groups', source.expression, claims, trace);
  const prefix = source.kind === 'claim' ? source.prefix : '';
  const groups = result.ok ? ok(result.value.map((group) => prefix + group)) : result;
  return traced(trace, 'groups', sourceText(source), groups);
}

/** The values of one extra key; an empty list means that the key is left out. */
export function mapExtra(
  { key, expression }: ExtraSource,
  claims: JsonObject,
  trace: Trace,
): Mapped<readonly string[]> {
  const result = listResult(`extra ${key}`, expression, claims, undefined);
  return traced(trace, `extra ${key}`, expression.source, result);
}

function claimText(field: string, claim: string, claims: JsonObject): Mapped<string> {
  const value = nullAsEmpty(claims[claim]);
  if (value === undefined) return failed(`${field}: claim ${claim} is missing`);
  return typeof value === 'string' ? ok(value) : failed(`${field}: claim ${claim} is not a string`);
}

/** A claim that is null reads as the empty text, as where Go decodes it into a string. */
export function nullAsEmpty(value: JsonValue | undefined): JsonValue | undefined {
  return value === null ? '' : value;
}

function text(field: string, expression: Expression<'mapping'>, claims: JsonObject): Mapped<string> {
  const result = evaluated(field, expression, claims);
  if (!result.ok) return result;
  return typeof result.value === 'string' ? ok(result.value) : failed(`${field}: the expression gives no string`);
}

/** What the expression gives; text that stands for a time, for bytes or for a large integer is no name. */
function evaluated(field: string, expression: Expression<'mapping'>, claims: JsonObject): Mapped<JsonValue> {
  const result = expression.evaluate(claims);
  if (!result.ok) return failed(`${field}: ${result.error}`);
  return result.converted ? failed(`${field}: the expression gives no string: use string()`) : ok(result.value);
}

function listResult(
  field: string,
  expression: Expression<'mapping'>,
  claims: JsonObject,
  trace: Trace | undefined,
): Mapped<readonly string[]> {
  const result = evaluated(field, expression, claims);
  return result.ok ? strings(`${field}: the expression`, result.value, trace) : result;
}

function withoutNulls(value: JsonValue | undefined): JsonValue | undefined {
  return isJsonList(value) ? value.map((item) => item ?? '') : value;
}

function strings(what: string, value: JsonValue | undefined, trace: Trace | undefined): Mapped<readonly string[]> {
  if (value === undefined || value === null) return ok([]);
  const list: readonly JsonValue[] = isJsonList(value) ? value : [value];
  const kept: string[] = [];
  for (const item of list) {
    if (typeof item !== 'string') return failed(`${what} is neither a string nor a list of strings`);
    if (item !== '') kept.push(item);
    else trace?.write?.({ step: 'dropped', provider: trace.provider, group: '', why: 'empty' });
  }
  return ok(kept);
}

/** Writes down how a field was mapped, and gives the result back. */
function traced<T extends JsonValue>(trace: Trace, field: string, rule: string, result: Mapped<T>): Mapped<T> {
  trace.write?.({
    step: 'mapping',
    provider: trace.provider,
    field,
    rule,
    ...(result.ok ? { value: result.value } : { error: result.detail }),
  });
  return result;
}
