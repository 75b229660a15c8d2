// The whole way from claims to a user, in the order in which kube-apiserver goes it; the first failure ends it.

import type { Evaluated } from '../../cel/compile.ts';
import type { Identity } from '../../core/identity.ts';
import type { RejectReason } from '../../core/reasons.ts';
import type { JsonObject } from '../../text/json.ts';
import {
  failed,
  type Mapped,
  mapExtra,
  mapGroups,
  mapUid,
  mapUsername,
  nullAsEmpty,
  ok,
  type Trace,
} from './fields.ts';
import type { ClaimRule, Mapping } from './mapping.ts';

/**
 * username, groups, uid, extra, claim rules, user rules (k8s.io/apiserver plugin/pkg/authenticator/token/oidc,
 * AuthenticateToken). The user rules see `tokenIds` as the extra credential-id, which is kube-apiserver's way to revoke a
 * token. Fails with `mapping-failed`, `invalid-username`, `claim-validation` or `user-validation`.
 */
export function mapIdentity(
  mapping: Mapping,
  claims: JsonObject,
  tokenIds: readonly string[],
  trace: Trace,
): Mapped<Identity> {
  const user = mapUser(mapping, claims, trace);
  if (!user.ok) return user;
  return (
    brokenClaimRule(mapping, claims, trace) ??
    brokenUserRule(mapping, withTokenIds(user.value, tokenIds), trace) ??
    user
  );
}

/** What kube-apiserver puts into extra itself; a mapping cannot set it. */
export const CREDENTIAL_ID_KEY = 'authentication.kubernetes.io/credential-id';

function withTokenIds(user: Identity, tokenIds: readonly string[]): Identity {
  return tokenIds.length === 0 ? user : { ...user, extra: { ...user.extra, [CREDENTIAL_ID_KEY]: tokenIds } };
}

function mapUser(mapping: Mapping, claims: JsonObject, trace: Trace): Mapped<Identity> {
  const username = mapUsername(mapping.username, claims, trace);
  if (!username.ok) return username;
  const groups = mapping.groups === undefined ? ok([]) : mapGroups(mapping.groups, claims, trace);
  if (!groups.ok) return groups;
  const uid = mapping.uid === undefined ? ok('') : mapUid(mapping.uid, claims, trace);
  if (!uid.ok) return uid;
  const extra = mapExtras(mapping, claims, trace);
  if (!extra.ok) return extra;
  return ok({
    username: username.value,
    ...(uid.value !== '' && { uid: uid.value }),
    groups: groups.value,
    extra: extra.value,
  });
}

function mapExtras(mapping: Mapping, claims: JsonObject, trace: Trace): Mapped<Identity['extra']> {
  const extra: Record<string, readonly string[]> = {};
  for (const source of mapping.extra) {
    const values = mapExtra(source, claims, trace);
    if (!values.ok) return values;
    if (values.value.length > 0) extra[source.key] = values.value;
  }
  return ok(extra);
}

function brokenClaimRule({ claimRules }: Mapping, claims: JsonObject, trace: Trace): Mapped<never> | undefined {
  for (const rule of claimRules) {
    const text = rule.kind === 'required' ? `claim ${rule.claim}` : rule.expression.source;
    const message = rule.kind === 'expression' ? rule.message : undefined;
    const broken = judge('claim-validation', { text, message }, claimRuleResult(rule, claims), trace);
    if (broken !== undefined) return broken;
  }
  return undefined;
}

function claimRuleResult(rule: ClaimRule, claims: JsonObject): Evaluated<boolean> {
  if (rule.kind === 'expression') return rule.expression.evaluate(claims);
  const value = nullAsEmpty(claims[rule.claim]);
  if (value === undefined) return { ok: false, error: 'the claim is missing' };
  if (typeof value !== 'string') return { ok: false, error: 'the claim is not a string' };
  return { ok: true, value: value === rule.value };
}

function brokenUserRule({ userRules }: Mapping, user: Identity, trace: Trace): Mapped<never> | undefined {
  for (const { expression, message } of userRules) {
    const rule = { text: expression.source, message };
    const broken = judge('user-validation', rule, expression.evaluate(user), trace);
    if (broken !== undefined) return broken;
  }
  return undefined;
}

function judge(
  reason: RejectReason,
  { text, message }: { readonly text: string; readonly message: string | undefined },
  result: Evaluated<boolean>,
  trace: Trace,
): Mapped<never> | undefined {
  const holds = result.ok && result.value;
  trace.write?.({
    step: 'rule',
    provider: trace.provider,
    rule: text,
    holds,
    ...(message !== undefined && { message }),
    ...(!result.ok && { error: result.error }),
  });
  if (holds) return undefined;
  const why = result.ok ? (message ?? 'it does not hold') : result.error;
  return failed(`${text}: ${why}`, reason);
}
