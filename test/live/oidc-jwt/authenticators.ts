// Entries of AuthenticationConfiguration, made at random: every kind of mapping and rule, and some that kube-apiserver refuses.

import type { JsonObject, JsonValue } from '../../../src/text/json.ts';
import type { Random } from '../../fuzz/random.ts';

export const AUDIENCES = ['kubernetes', 'https://api.corp.example', 'third'] as const;

/** The names of claims that mappings read; tokens have them in every type. */
export const CLAIM_NAMES = [
  'sub',
  'email',
  'name',
  'id',
  'roles',
  'groups',
  'nested',
  'flag',
  'nothing',
  'missing',
  'example.org/team',
] as const;

const PREFIXES = ['', 'idp:', 'пр-', 'system:'] as const;

const TEXTS = [
  'claims.sub',
  "'u:' + claims.sub",
  'claims.name',
  'claims.nested.team',
  'claims.?name.orValue("nobody")',
  'string(claims.id)',
  'string(int(claims.id))',
  'claims.roles[0]',
  'claims.flag ? claims.sub : "guest"',
  'claims.sub.split("@")[0]',
  'claims.example__dot__org__slash__team[0]',
  'claims.nothing',
  'claims.email_verified ? claims.email : "unverified"',
  '""',
] as const;

const LISTS = [
  'claims.groups',
  'claims.roles',
  'claims.nested.list',
  'claims.?groups.orValue([])',
  'claims.flag ? ["admins"] : []',
  '[claims.sub, ""]',
  'dyn(claims.roles).map(r, "r:" + r)',
  'claims.nothing',
  'claims.id',
  'claims.sub',
  '["a", "b", "a"]',
  '"one"',
  '""',
] as const;

const CLAIM_RULES: readonly [JsonObject, ...JsonObject[]] = [
  { claim: 'name', requiredValue: 'Alice' },
  { claim: 'nothing', requiredValue: '' },
  { claim: 'id', requiredValue: '7' },
  { expression: 'claims.flag == true', message: 'flag' },
  { expression: 'claims.?email_verified.orValue(true) == true' },
  { expression: 'has(claims.name)' },
  { expression: 'claims.id > 5' },
  { expression: 'claims.exp - claims.iat <= 86400.0' },
  { expression: '"kubernetes" in claims.roles' },
  { expression: 'claims.sub' },
];

const USER_RULES: readonly [JsonObject, ...JsonObject[]] = [
  { expression: 'user.username != "alice"', message: 'not alice' },
  { expression: '!user.username.startsWith("system:")' },
  { expression: 'user.groups.all(g, !g.startsWith("root"))' },
  { expression: 'size(user.groups) < 4' },
  { expression: 'user.uid == "" || user.uid == user.username' },
  { expression: 'user.extra["authentication.kubernetes.io/credential-id"] == ["JTI=j-1"]' },
  { expression: '!("example.org/x" in user.extra) || size(user.extra["example.org/x"]) == 1' },
  { expression: 'user.username' },
];

/** The issuer, its audiences and what must stand beside several of them. */
export function issuerOf(url: string, authority: string, random: Random): JsonObject {
  const audiences = AUDIENCES.filter((_, index) => index === 0 || random.oneIn(3));
  const policy = audiences.length > 1 || random.oneIn(4) ? { audienceMatchPolicy: 'MatchAny' } : {};
  return { url, certificateAuthority: authority, audiences, ...policy };
}

/** An entry that kube-apiserver starts with, most of the time. */
export function authenticatorOf(issuer: JsonObject, random: Random): JsonObject {
  const entry = {
    issuer,
    claimMappings: {
      username: username(random),
      ...(!random.oneIn(4) && { groups: source(random, LISTS, ['groups', 'roles', ...CLAIM_NAMES]) }),
      ...(random.oneIn(2) && { uid: unprefixed(source(random, TEXTS, CLAIM_NAMES)) }),
      ...(random.oneIn(2) && { extra: extra(random) }),
    },
    ...(random.oneIn(3) && { claimValidationRules: some(CLAIM_RULES, random) }),
    ...(random.oneIn(3) && { userValidationRules: some(USER_RULES, random) }),
  };
  return random.oneIn(12) ? spoilt(entry, random) : entry;
}

function username(random: Random): JsonObject {
  const names = ['sub', 'sub', 'sub', 'email', 'email', ...CLAIM_NAMES] as const;
  return random.oneIn(3) ? { expression: random.pick(TEXTS) } : prefixed(random.pick(names), random);
}

function source(random: Random, expressions: readonly [string, ...string[]], names: readonly [string, ...string[]]) {
  return random.oneIn(3) ? { expression: random.pick(expressions) } : prefixed(random.pick(names), random);
}

function prefixed(claim: string, random: Random): JsonObject {
  return { claim, prefix: random.pick(PREFIXES) };
}

function unprefixed({ prefix: _prefix, ...others }: JsonObject): JsonObject {
  return others;
}

function extra(random: Random): JsonValue {
  const entries = [
    { key: 'example.org/x', valueExpression: random.pick(LISTS) },
    { key: 'example.org/y', valueExpression: random.pick(TEXTS) },
  ];
  return entries.slice(0, 1 + random.below(2));
}

function some<T>(rules: readonly [T, ...T[]], random: Random): T[] {
  return [...new Set([random.pick(rules), ...(random.oneIn(2) ? [random.pick(rules)] : [])])];
}

/** Each is a fault for kube-apiserver. */
const FAULTS: readonly [JsonObject, ...JsonObject[]] = [
  { issuer: { audiences: [] } },
  { issuer: { audiences: ['a', 'a'], audienceMatchPolicy: 'MatchAny' } },
  { issuer: { audiences: ['a', 'b'], audienceMatchPolicy: '' } },
  { issuer: { url: 'http://idp.corp.example' } },
  { issuer: { url: 'https://user@idp.corp.example' } },
  { issuer: { url: 'https://idp.corp.example?q=1' } },
  { issuer: { certificateAuthority: 'no PEM' } },
  { claimMappings: { username: { claim: 'sub' } } },
  { claimMappings: { username: { claim: 'sub', prefix: '', expression: 'claims.sub' } } },
  { claimMappings: { username: {} } },
  { claimMappings: { username: { expression: 'claims.email' } } },
  { claimMappings: { username: { expression: '1' } } },
  { claimMappings: { username: { expression: 'claims.' } } },
  { claimMappings: { groups: { claim: 'groups' } } },
  { claimMappings: { groups: { prefix: 'x' } } },
  { claimMappings: { uid: { claim: 'a', expression: 'claims.a' } } },
  { claimMappings: { extra: [{ key: 'team', valueExpression: 'claims.sub' }] } },
  { claimMappings: { extra: [{ key: 'example.org/Team', valueExpression: 'claims.sub' }] } },
  { claimMappings: { extra: [{ key: 'k8s.io/team', valueExpression: 'claims.sub' }] } },
  { claimMappings: { extra: [{ key: 'a.kubernetes.io/team', valueExpression: 'claims.sub' }] } },
  { claimMappings: { extra: [{ key: 'example.org/t', valueExpression: '' }] } },
  { claimValidationRules: [{ claim: 'hd', expression: 'true' }] },
  { claimValidationRules: [{ requiredValue: 'x' }] },
  { claimValidationRules: [{ expression: '"text"' }] },
  {
    claimValidationRules: [
      { claim: 'hd', requiredValue: 'a' },
      { claim: 'hd', requiredValue: 'b' },
    ],
  },
  { userValidationRules: [{ expression: 'user.name == ""' }] },
  { userValidationRules: [{ expression: 'claims.sub == ""' }] },
  { userValidationRules: [{ expression: 'true' }, { expression: 'true' }] },
];

function spoilt(entry: Readonly<Record<string, JsonValue>>, random: Random): JsonObject {
  const fault = random.pick(FAULTS);
  const merged = Object.entries(fault).map(([key, value]) => {
    const before = entry[key];
    return [key, isMap(value) && isMap(before) ? { ...before, ...value } : value];
  });
  return { ...entry, ...Object.fromEntries(merged) };
}

function isMap(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && !Array.isArray(value);
}
