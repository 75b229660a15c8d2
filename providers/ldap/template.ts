// Filter and DN templates: what is written in the configuration, and how a name is filled in, escaped once.

import { type Filter, FilterParser } from 'ldapts';
import { escapeDnValue, escapeFilterValue } from '../../src/upstream/ldap/escape.ts';

/** `attribute=prefix{username}suffix`: the comparison by which a directory recognizes a user. */
export interface Comparison {
  readonly attribute: string;
  readonly prefix: string;
  readonly suffix: string;
}

export type Placeholder = 'username' | 'dn';
export type Values = Readonly<Partial<Record<Placeholder, string>>>;

const PLACEHOLDER = /\{(username|dn)\}/g;
const COMPARISON = /\((?<attribute>[\w-]+)=(?<prefix>[^()*{}\\]*)\{username\}(?<suffix>[^()*{}\\]*)\)/g;
const FIRST_RDN = /^\s*(?<attribute>[\w.-]+)\s*=\s*(?<prefix>[^,+{}\\]*)\{username\}(?<suffix>[^,+{}\\]*)(?:[,+]|$)/;

/** One pass, so that a name that looks like a placeholder stays a name. */
function fill(template: string, values: Values, escape: (value: string) => string): string {
  return template.replaceAll(PLACEHOLDER, (whole, name: Placeholder) => {
    const value = values[name];
    return value === undefined ? whole : escape(value);
  });
}

/** Throws when the template is no filter, which {@link filterFault} finds at load time. */
export function fillFilter(template: string, values: Values): Filter {
  return FilterParser.parseString(fill(template, values, escapeFilterValue));
}

export function fillDn(template: string, username: string): string {
  return fill(template, { username }, escapeDnValue);
}

/** For `{username}@corp.example` and `CORP\{username}`, which have no escaping: see {@link isAccountName}. */
export function fillAccount(template: string, username: string): string {
  return fill(template, { username }, (value) => value);
}

/** False for names that Active Directory allows no account to have; some of them would make another name of a template. */
export function isAccountName(username: string): boolean {
  return !/["/\\[\]:;|=,+*?<>@]/.test(username);
}

export function uses(template: string, placeholder: Placeholder): boolean {
  return template.includes(`{${placeholder}}`);
}

/** The comparisons of a filter with `{username}`, in the order written. */
export function comparisonsOf(filter: string): readonly Comparison[] {
  return [...filter.matchAll(COMPARISON)].map(({ groups }) => comparison(groups));
}

/** The comparison that a DN template amounts to: its first RDN. */
export function comparisonOfDn(template: string): Comparison | undefined {
  const match = FIRST_RDN.exec(template);
  return match === null ? undefined : comparison(match.groups);
}

function comparison(groups: Readonly<Record<string, string | undefined>> | undefined): Comparison {
  return { attribute: groups?.['attribute'] ?? '', prefix: groups?.['prefix'] ?? '', suffix: groups?.['suffix'] ?? '' };
}

/** What is wrong with a filter template, as a sentence, or undefined. */
export function filterFault(filter: string, allowed: readonly Placeholder[]): string | undefined {
  const unknown = [...filter.matchAll(/\{[^{}]*\}/g)].find(([found]) => !allowed.some((name) => found === `{${name}}`));
  const known = allowed.map((name) => `{${name}}`).join(' and ');
  if (unknown !== undefined) return `has the unknown placeholder ${unknown[0]}; known here: ${known}`;
  if (!allowed.some((name) => uses(filter, name))) {
    return `must contain ${allowed.map((name) => `{${name}}`).join(' or ')}, or it would find the same for everybody`;
  }
  if (/\\[89a-f][0-9a-f]/i.test(filter)) return 'must have characters beyond ASCII as they are, not as \\xx escapes';
  const names = filter.match(/[^()]*[{]/g) ?? [];
  if (names.some((before) => !before.includes('='))) return 'must have placeholders in values only, after =';
  if (!isBalanced(filter)) return NOT_A_FILTER;
  try {
    fillFilter(filter, { username: 'name', dn: 'cn=name' });
    return undefined;
  } catch {
    return NOT_A_FILTER;
  }
}

const NOT_A_FILTER = 'is not a search filter such as (uid={username}); check the parentheses (RFC 4515)';

/** The driver's parser overlooks a missing parenthesis at the end. */
function isBalanced(filter: string): boolean {
  let depth = 0;
  for (const character of filter) {
    if (character === '(') depth += 1;
    if (character === ')') depth -= 1;
    if (depth < 0) return false;
  }
  return depth === 0;
}

/** `uid={username}` is often written for `(uid={username})`. */
export function inParentheses(filter: string): string {
  const trimmed = filter.trim();
  return trimmed.startsWith('(') ? trimmed : `(${trimmed})`;
}
