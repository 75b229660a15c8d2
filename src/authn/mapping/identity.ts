// The whole way from claims to a user, in the order in which kube-apiserver goes it; the first failure ends it.

import type { Evaluated } from '../../cel/compile.ts';
import type { Identity } from '../../core/identity.ts';
import type { RejectReason } from '../../core/reasons.ts';
import type { JsonObject } from '../../text/json.ts';
import { mapExtra, mapGroups, mapUid, mapUsername } from './fields.ts';
import type { ClaimRule, Mapping } from './mapping.ts';
import { failed, mapped, type Outcome, type Story } from './outcome.ts';

/**
 * username, groups, uid, extra, claim rules, user rules (k8s.io/apiserver plugin/pkg/authenticator/token/oidc,
 * AuthenticateToken). Fails with `mapping-failed`, `invalid-username`, `claim-validation` or `user-validation`.
 */
export function mapIdentity(mapping: Mapping, claims: JsonObject, story: Story): Outcome<Identity> {
  const user = mapUser(mapping, claims, story);
  if (!user.ok) return user;
  const broken = brokenClaimRule(mapping, claims, story) ?? brokenUserRule(mapping, user.value, story);
  return broken ?? user;
}

function mapUser(mapping: Mapping, claims: JsonObject, story: Story): Outcome<Identity> {
  const username = mapUsername(mapping.username, claims, story);
  if (!username.ok) return username;
  const groups = mapping.groups === undefined ? mapped([]) : mapGroups(mapping.groups, claims, story);
  if (!groups.ok) return groups;
  const uid = mapping.uid === undefined ? mapped('') : mapUid(mapping.uid, claims, story);
  if (!uid.ok) return uid;
  const extra = mapExtras(mapping, claims, story);
  if (!extra.ok) return extra;
  return mapped({
    username: username.value,
    ...(uid.value !== '' && { uid: uid.value }),
    groups: groups.value,
    extra: extra.value,
  });
}

function mapExtras(mapping: Mapping, claims: JsonObject, story: Story): Outcome<Identity['extra']> {
  const extra: Record<string, readonly string[]> = {};
  for (const source of mapping.extra) {
    const values = mapExtra(source, claims, story);
    if (!values.ok) return values;
    if (values.value.length > 0) extra[source.key] = values.value;
  }
  return mapped(extra);
}

function brokenClaimRule({ claimRules }: Mapping, claims: JsonObject, story: Story): Outcome<never> | undefined {
  for (const rule of claimRules) {
    const text = rule.kind === 'required' ? `claim ${rule.claim}` : rule.expression.source;
    const message = rule.kind === 'expression' ? rule.message : undefined;
    const broken = judge('claim-validation', { text, message }, claimRuleResult(rule, claims), story);
    if (broken !== undefined) return broken;
  }
  return undefined;
}

function claimRuleResult(rule: ClaimRule, claims: JsonObject): Evaluated<boolean> {
  if (rule.kind === 'expression') return rule.expression.evaluate(claims);
  const value = claims[rule.claim];
  if (value === undefined) return { ok: false, error: 'the claim is missing' };
  if (typeof value !== 'string') return { ok: false, error: 'the claim is not a string' };
  return { ok: true, value: value === rule.value };
}

function brokenUserRule({ userRules }: Mapping, user: Identity, story: Story): Outcome<never> | undefined {
  for (const { expression, message } of userRules) {
    const rule = { text: expression.source, message };
    const broken = judge('user-validation', rule, expression.evaluate(user), story);
    if (broken !== undefined) return broken;
  }
  return undefined;
}

function judge(
  reason: RejectReason,
  { text, message }: { readonly text: string; readonly message: string | undefined },
  result: Evaluated<boolean>,
  story: Story,
): Outcome<never> | undefined {
  const holds = result.ok && result.value;
  story.trace?.({
    step: 'rule',
    provider: story.provider,
    rule: text,
    holds,
    ...(message !== undefined && { message }),
    ...(!result.ok && { error: result.error }),
  });
  if (holds) return undefined;
  const why = result.ok ? (message ?? 'it does not hold') : result.error;
  return failed(`${text}: ${why}`, reason);
}
