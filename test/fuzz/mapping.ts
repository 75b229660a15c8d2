// Any claims under any mapping that the loader takes: an identity that keeps every rule, or a refusal.

import { isReserved, MAX_GROUPS, MAX_USERNAME_BYTES } from '../../src/core/identity.ts';
import { parseJsonObject } from '../../src/text/json.ts';
import { claimsOf, outcomeOf } from '../authn/mapping/setup.ts';
import { entry } from '../settings/mapping-entry.ts';
import { mutate } from './mutate.ts';
import type { Random } from './random.ts';
import { type Target, Violation } from './target.ts';

const ENTRIES: readonly [string, ...string[]] = [
  '{"claimMappings":{"username":{"claim":"a","prefix":""},"groups":{"claim":"b","prefix":"system:"},"uid":{"claim":"c"}}}',
  '{"claimMappings":{"username":{"expression":"claims.a"},"groups":{"expression":"claims.b.map(g, g + \'x\')"}}}',
  '{"claimMappings":{"username":{"expression":"claims.a.split(\'@\')[0].lowerAscii()"},"extra":[{"key":"example.org/a","valueExpression":"claims.?b.orValue([])"}]}}',
  '{"claimMappings":{"username":{"claim":"a","prefix":"x:"}},"claimValidationRules":[{"expression":"claims.c == 1 || has(claims.b)"}],"userValidationRules":[{"expression":"!user.username.startsWith(\'q\')"}]}',
];
const CLAIMS: readonly [string, ...string[]] = [
  '{"a":"alice","b":["devs","system:masters"],"c":"7"}',
  '{"a":"system:admin","b":"devs","c":1}',
  '{"a":["x"],"b":{"__proto__":{"x":1}},"c":null,"constructor":"x"}',
  '{"a":"ſystem:masters","b":["","",null,1,true,{}],"c":" "}',
];
const WORDS: readonly [string, ...string[]] = [
  'claims.a',
  'claims',
  '.size()',
  '.map(x, x)',
  '.matches("a*")',
  ' + ',
  ' ? ',
  'has(',
  '?.',
  '[0]',
  '"claim"',
  '"prefix"',
  '"expression"',
  'user.groups',
];

export function mappingTarget(): Target {
  return {
    name: 'mapping',
    run: async (random) => {
      const [given, stated] = [jsonOf(ENTRIES, random, WORDS), jsonOf(CLAIMS, random)];
      const input = `${JSON.stringify(given)} ${JSON.stringify(stated)}`;
      if (!entry.safeParse(given).success) return 'no such mapping';
      const { verdict } = await outcomeOf({ claims: claimsOf(stated), entry: given });
      if (verdict.kind !== 'authenticated') return `${verdict.kind} ${verdict.reason}`;
      const { username, groups, uid, extra } = verdict.value.identity;
      const fault = usernameFault(username) ?? groupFault(groups) ?? textFault([uid ?? 'x', ...Object.keys(extra)]);
      if (fault !== undefined) throw new Violation(fault, input);
      return 'authenticated';
    },
  };
}

/** Broken in places that leave it JSON; unbroken when they do not. */
function jsonOf(seeds: readonly [string, ...string[]], random: Random, words?: readonly [string, ...string[]]) {
  const seed = random.pick(seeds);
  return parseJsonObject(mutate(seed, random, words)) ?? parseJsonObject(seed) ?? {};
}

function usernameFault(username: string): string | undefined {
  if (username === '' || username !== username.trim() || /\p{Cc}/u.test(username)) return 'a username that cannot be';
  if (Buffer.byteLength(username) > MAX_USERNAME_BYTES) return 'a username that is too long';
  return isReserved(username) ? 'a reserved username' : textFault([username]);
}

function groupFault(groups: readonly string[]): string | undefined {
  if (groups.length > MAX_GROUPS || new Set(groups).size !== groups.length) return 'too many groups, or one twice';
  if (groups.some((group) => group === '' || isReserved(group))) return 'an empty or reserved group';
  return textFault(groups);
}

function textFault(values: readonly unknown[]): string | undefined {
  return values.every((value) => typeof value === 'string' && !value.includes('[object')) ? undefined : 'no text';
}
