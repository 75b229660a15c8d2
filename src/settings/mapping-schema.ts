// The mapping part of a provider entry: names and rules of kube-apiserver's AuthenticationConfiguration.

import { z } from 'zod';
import type { ClaimRule, ExtraSource, Mapping, NameSource, UserRule } from '../authn/mapping/mapping.ts';
import type { Expression } from '../cel/compile.ts';
import { isReserved } from '../core/identity.ts';
import type { Fields } from './provider-module.ts';
import { OR_EMPTY, section } from './section.ts';
import { ALWAYS_LIST, soundness } from './soundness.ts';

type Context = z.core.$RefinementCtx;

/**
 * The keys `match`, `login`, `claimMappings`, `claimValidationRules`, `userValidationRules` and `reserved` of a provider
 * entry, to be spread into its shape; {@link checkMapping} belongs to the same object. Expressions come out compiled; what
 * is wrong with one is an issue at its path, with its index into the expression in `params.offset`.
 */
export function mappingShape(fields: Fields) {
  return {
    match: fields.expression('match', z.union([z.string(), z.boolean()], { error: MATCH_FORM })).optional(),
    login: fields.expression('login').optional(),
    claimMappings: z
      .preprocess((value) => value ?? undefined, claimMappingsField(fields).meta(OR_EMPTY).optional())
      .optional(),
    claimValidationRules: claimRulesField(fields).default([]),
    userValidationRules: userRulesField(fields).default([]),
    reserved: section(reservedField(fields)),
  };
}

/** What {@link mappingShape} parses to. */
export interface MappingSettings {
  readonly claimMappings?: Pick<Mapping, 'username' | 'groups' | 'uid' | 'extra'> | undefined;
  readonly claimValidationRules: readonly ClaimRule[];
  readonly userValidationRules: readonly UserRule[];
}

/** The compiled mapping of a provider; without `claimMappings` what is given as `fallback`. */
export function mappingOf(
  settings: MappingSettings,
  fallback: Pick<Mapping, 'username' | 'groups' | 'uid' | 'extra'>,
): Mapping {
  const { claimMappings, claimValidationRules: rules, userValidationRules } = settings;
  return Object.freeze({
    ...(claimMappings ?? fallback),
    claimRules: [
      ...rules.filter(({ kind }) => kind === 'required'),
      ...rules.filter(({ kind }) => kind !== 'required'),
    ],
    userRules: userValidationRules,
  });
}

/**
 * The check that needs the whole entry: a username expression that reads `claims.email` wants `claims.email_verified` to be
 * read somewhere too (k8s.io/apiserver pkg/apis/apiserver/validation, validateClaimMappings).
 */
export function checkMapping(settings: MappingSettings, context: Context): void {
  const sound = soundness(context);
  if (!sound('claimMappings') || !sound('claimValidationRules')) return;
  const { username, extra = [] } = settings.claimMappings ?? {};
  if (username?.kind !== 'expression' || !username.expression.claims.has('email')) return;
  const rules = settings.claimValidationRules.flatMap((rule) => (rule.kind === 'expression' ? [rule.expression] : []));
  const readers = [username.expression, ...extra.map(({ expression }) => expression), ...rules];
  if (readers.some(({ claims }) => claims.has('email_verified'))) return;
  context.addIssue({
    code: 'custom',
    path: ['claimMappings', 'username', 'expression'],
    message:
      'uses claims.email, so claims.email_verified must be used here, in an extra valueExpression or in a ' +
      'claimValidationRules expression; for example claims.?email_verified.orValue(true) == true',
  });
}

const MATCH_FORM = 'must be an expression in quotes, true or false';

function claimMappingsField(fields: Fields) {
  const name = fields.object({
    claim: z.string().optional(),
    prefix: z.string().optional(),
    expression: fields.expression('mapping').optional(),
  });
  const uid = fields.object({ claim: z.string().optional(), expression: fields.expression('mapping').optional() });
  const extra = fields.object({ key: z.string(), valueExpression: fields.expression('mapping') });
  const shape = fields.object({
    username: name.transform(nameSource),
    uid: uid
      .transform((given, context) => nameSource({ ...given, prefix: given.claim ? '' : undefined }, context))
      .optional(),
    groups: name.transform(nameSource).optional(),
    extra: z.array(extra).superRefine(checkExtraKeys, ALWAYS_LIST).default([]),
  });
  return shape.transform(({ username, uid: uidSource, groups, extra: entries }) => ({
    username,
    ...(uidSource !== undefined && { uid: uidSource }),
    ...(groups !== undefined && { groups }),
    extra: entries.map(({ key, valueExpression }): ExtraSource => ({ key, expression: valueExpression })),
  }));
}

interface GivenName {
  readonly claim?: string | undefined;
  readonly prefix?: string | undefined;
  readonly expression?: Expression<'mapping'> | undefined;
}

function nameSource({ claim, prefix, expression }: GivenName, context: Context): NameSource {
  const hasClaim = claim !== undefined && claim !== '';
  if (hasClaim && expression === undefined) {
    if (prefix !== undefined) return { kind: 'claim', claim, prefix };
    return refuse(context, 'prefix', 'is required with claim; it may be "" for no prefix');
  }
  if (expression === undefined) return refuse(context, undefined, 'claim or expression is required');
  if (hasClaim) return refuse(context, undefined, 'claim and expression cannot both be set');
  if (prefix !== undefined) return refuse(context, 'prefix', 'cannot be set with expression');
  return { kind: 'expression', expression };
}

function claimRulesField(fields: Fields) {
  const rule = fields.object({
    claim: z.string().optional(),
    requiredValue: z.string().optional(),
    expression: fields.expression('claimRule').optional(),
    message: z.string().optional(),
  });
  return z.array(rule.transform(claimRule)).superRefine((rules, context) => {
    const sound = soundness(context);
    const names = rules.map((given, at) => {
      return sound(at) ? (given.kind === 'required' ? given.claim : given.expression.source) : undefined;
    });
    checkUnique(names, (at) => [at, rules[at]?.kind === 'required' ? 'claim' : 'expression'], context);
  }, ALWAYS_LIST);
}

interface GivenClaimRule {
  readonly claim?: string | undefined;
  readonly requiredValue?: string | undefined;
  readonly expression?: Expression<'claimRule'> | undefined;
  readonly message?: string | undefined;
}

function claimRule({ claim, requiredValue, expression, message }: GivenClaimRule, context: Context): ClaimRule {
  const hasClaim = claim !== undefined && claim !== '';
  if (hasClaim && expression === undefined) {
    if (message) return refuse(context, 'message', 'cannot be set with claim');
    return { kind: 'required', claim, value: requiredValue ?? '' };
  }
  if (expression === undefined) return refuse(context, undefined, 'claim or expression is required');
  if (hasClaim) return refuse(context, undefined, 'claim and expression cannot both be set');
  if (requiredValue) return refuse(context, 'requiredValue', 'cannot be set with expression');
  return { kind: 'expression', expression, ...(message && { message }) };
}

function userRulesField(fields: Fields) {
  const rule = fields.object({ expression: fields.expression('userRule'), message: z.string().optional() });
  const field = z.array(
    rule.transform(({ expression, message }): UserRule => ({ expression, ...(message && { message }) })),
  );
  return field.superRefine((rules, context) => {
    const sound = soundness(context);
    const sources = rules.map((given, at) => (sound(at) ? given.expression.source : undefined));
    checkUnique(sources, (at) => [at, 'expression'], context);
  }, ALWAYS_LIST);
}

function reservedField(fields: Fields) {
  const name = z.string().refine(isReserved, 'is not reserved: only names that start with system: are listed here');
  return fields.object({ groups: z.array(name).default([]), usernames: z.array(name).default([]) });
}

function checkExtraKeys(entries: readonly { readonly key: string }[], context: Context): void {
  const sound = soundness(context);
  const keys = entries.map((entry, at) => (sound(at, 'key') ? entry.key : undefined));
  keys.forEach((key, at) => {
    const message = key === undefined ? undefined : extraKeyFault(key);
    if (message !== undefined) context.addIssue({ code: 'custom', path: [at, 'key'], message });
  });
  checkUnique(keys, (at) => [at, 'key'], context);
}

/** Names that are not known, because they failed themselves, are undefined. */
function checkUnique(
  names: readonly (string | undefined)[],
  path: (at: number) => (string | number)[],
  context: Context,
): void {
  names.forEach((name, at) => {
    if (name === undefined || names.indexOf(name) === at) return;
    context.addIssue({ code: 'custom', path: path(at), message: 'is there already' });
  });
}

function refuse(context: Context, key: string | undefined, message: string): never {
  context.addIssue({ code: 'custom', message, ...(key !== undefined && { path: [key] }) });
  return z.NEVER;
}

const EXTRA_DOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const EXTRA_PATH = /^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/;
const MAX_DOMAIN_CHARACTERS = 253;

/**
 * Why this key cannot be used, or undefined: `domain/path`, an RFC 1123 subdomain and RFC 3986 path characters, lower case,
 * not of Kubernetes and not of the broker (k8s.io/apiserver pkg/apis/apiserver/validation, validateExtraMapping).
 */
function extraKeyFault(key: string): string | undefined {
  const slash = key.indexOf('/');
  const domain = key.slice(0, Math.max(slash, 0));
  const path = key.slice(slash + 1);
  if (domain === '' || path === '') return 'must be a domain-prefixed path such as example.org/department';
  if (key !== key.toLowerCase()) return 'must be lower case';
  if (!EXTRA_DOMAIN.test(domain) || domain.length > MAX_DOMAIN_CHARACTERS)
    return 'must start with a DNS name such as example.org';
  if (!EXTRA_PATH.test(path)) return 'has a character after the slash that a URL path cannot have';
  if (/^(.+\.)?(k8s|kubernetes)\.io$/.test(domain))
    return 'cannot be under k8s.io or kubernetes.io, which are reserved';
  return domain === 'kube-auth-broker' ? 'cannot be under kube-auth-broker, which the broker sets itself' : undefined;
}
