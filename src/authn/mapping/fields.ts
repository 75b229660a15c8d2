// Claims → username, groups, uid and extra, with kube-apiserver's rules on types, nulls and empty values.

import type { Expression } from '../../cel/compile.ts';
import type { JsonObject, JsonValue } from '../../text/json.ts';
import { isJsonList } from '../../text/json.ts';
import { type ClaimName, type ExtraSource, type NameSource, sourceText } from './mapping.ts';
import { failed, mapped, type Outcome, type Story, told } from './outcome.ts';

/**
 * A claim must be a non-empty JSON string without surrounding space, an expression must give such a string. A claim named
 * `email` counts only when `email_verified` is absent or true
 * (k8s.io/apiserver plugin/pkg/authenticator/token/oidc, getUsername).
 */
export function mapUsername(source: NameSource, claims: JsonObject, story: Story): Outcome<string> {
  const outcome = source.kind === 'claim' ? claimUsername(source, claims) : text('username', source.expression, claims);
  const usable = outcome.ok && outcome.value === '' ? failed('username: it is empty', 'invalid-username') : outcome;
  return told(story, 'username', sourceText(source), usable);
}

function claimUsername({ claim, prefix }: ClaimName, claims: JsonObject): Outcome<string> {
  const name = claimText('username', claim, claims);
  if (!name.ok) return name;
  if (name.value.trim() === '') return failed(`username: claim ${claim} is empty`, 'invalid-username');
  if (name.value.trim() !== name.value) {
    return failed(`username: claim ${claim} has surrounding space`, 'invalid-username');
  }
  if (claim === 'email' && claims['email_verified'] !== undefined && claims['email_verified'] !== true) {
    return failed('username: claim email_verified is not true');
  }
  return mapped(prefix + name.value);
}

/** The uid; empty when an expression gives the empty string, which means none. */
export function mapUid(source: NameSource, claims: JsonObject, story: Story): Outcome<string> {
  const outcome =
    source.kind === 'claim' ? claimText('uid', source.claim, claims) : text('uid', source.expression, claims);
  return told(story, 'uid', sourceText(source), outcome);
}

/** A string or a list of strings; a missing claim and null are no groups. Empty names are dropped before the prefix. */
export function mapGroups(source: NameSource, claims: JsonObject, story: Story): Outcome<readonly string[]> {
  const outcome =
    source.kind === 'claim'
      ? strings(`groups: claim ${source.claim}`, claims[source.claim], story)
      : listResult('groups', source.expression, claims, story);
  const prefix = source.kind === 'claim' ? source.prefix : '';
  const groups = outcome.ok ? mapped(outcome.value.map((group) => prefix + group)) : outcome;
  return told(story, 'groups', sourceText(source), groups);
}

/** The values of one extra key; an empty list means that the key is left out. */
export function mapExtra(
  { key, expression }: ExtraSource,
  claims: JsonObject,
  story: Story,
): Outcome<readonly string[]> {
  const outcome = listResult(`extra ${key}`, expression, claims, undefined);
  return told(story, `extra ${key}`, expression.source, outcome);
}

function claimText(field: string, claim: string, claims: JsonObject): Outcome<string> {
  const value = claims[claim];
  if (value === undefined) return failed(`${field}: claim ${claim} is missing`);
  return typeof value === 'string' ? mapped(value) : failed(`${field}: claim ${claim} is not a string`);
}

function text(field: string, expression: Expression<'mapping'>, claims: JsonObject): Outcome<string> {
  const result = expression.evaluate(claims);
  if (!result.ok) return failed(`${field}: ${result.error}`);
  return typeof result.value === 'string' ? mapped(result.value) : failed(`${field}: the expression gives no string`);
}

function listResult(
  field: string,
  expression: Expression<'mapping'>,
  claims: JsonObject,
  story: Story | undefined,
): Outcome<readonly string[]> {
  const result = expression.evaluate(claims);
  return result.ok ? strings(`${field}: the expression`, result.value, story) : failed(`${field}: ${result.error}`);
}

function strings(what: string, value: JsonValue | undefined, story: Story | undefined): Outcome<readonly string[]> {
  if (value === undefined || value === null) return mapped([]);
  const list: readonly JsonValue[] = isJsonList(value) ? value : [value];
  const kept: string[] = [];
  for (const item of list) {
    if (typeof item !== 'string') return failed(`${what} is neither a string nor a list of strings`);
    if (item !== '') kept.push(item);
    else story?.trace?.({ step: 'dropped', provider: story.provider, group: '', why: 'empty' });
  }
  return mapped(kept);
}
