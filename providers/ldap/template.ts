// What the configuration writes with `{username}` in it: filters and names, which attribute they compare, what is wrong with them.

import { decodeUtf8 } from '../../src/text/utf8.ts';
import { escapeDnValue } from '../../src/upstream/ldap/dn.ts';
import { type Filter, placeholdersIn } from '../../src/upstream/ldap/filter.ts';
import { parseFilter } from '../../src/upstream/ldap/filter-text.ts';

/** `attribute=prefix{username}suffix`: the comparison by which a directory recognizes a user. */
export interface Comparison {
  readonly attribute: string;
  readonly prefix: string;
  readonly suffix: string;
}

export const USERNAME = '{username}';
const FIRST_RDN = /^\s*(?<attribute>[\w.-]+)\s*=\s*(?<prefix>[^,+{}\\]*)\{username\}(?<suffix>[^,+{}\\]*)(?:[,+]|$)/;
const ATTRIBUTE = /^[A-Za-z][\w.-]*$/;

/** `dn`, `account` or neither: what a `userDN` template is. */
export function formOf(userDN: string): 'dn' | 'account' | undefined {
  const around = userDN.replaceAll(USERNAME, '');
  if (around.includes('=')) return 'dn';
  return /^\{username\}@[^@\\]+$|^[^@\\]+\\\{username\}$/.test(userDN) ? 'account' : undefined;
}

export function fillDn(template: string, username: string): string {
  return template.replaceAll(USERNAME, () => escapeDnValue(username));
}

/** For `{username}@corp.example` and `CORP\{username}`, which have no escaping: see {@link isAccountName}. */
export function fillAccount(template: string, username: string): string {
  return template.replaceAll(USERNAME, () => username);
}

/** False for names that Active Directory allows no account to have; some of them would make another name of a template. */
export function isAccountName(username: string): boolean {
  return !/["/\\[\]:;|=,+*?<>@]/.test(username);
}

/** `uid={username}` is often written for `(uid={username})`. The filter, or a sentence that says what is wrong. */
export function readFilter(text: string): Filter | string {
  const trimmed = text.trim();
  const filter = parseFilter(trimmed.startsWith('(') ? trimmed : `(${trimmed})`);
  return typeof filter === 'string'
    ? `is not a search filter such as (uid={username}): it ${filter} (RFC 4515)`
    : filter;
}

/** A filter of this program's own. */
export function filterOf(text: string): Filter {
  const filter = parseFilter(text);
  if (typeof filter === 'string') throw new TypeError(`${text} ${filter}`);
  return filter;
}

/** The comparisons of a filter with `{username}`, in the order written; what a `not` excludes recognizes nobody. */
export function comparisonsOf(filter: Filter): readonly Comparison[] {
  if (filter.kind === 'and' || filter.kind === 'or') return filter.parts.flatMap(comparisonsOf);
  if (filter.kind !== 'equal' || filter.value.filter((part) => part === 'username').length !== 1) return [];
  const { attribute, value } = filter;
  const at = value.indexOf('username');
  const [prefix, suffix] = [value.slice(0, at), value.slice(at + 1)].map(literal);
  return prefix === undefined || suffix === undefined ? [] : [{ attribute, prefix, suffix }];
}

/** The text of a value without placeholders; undefined when it is not UTF-8. */
function literal(parts: readonly (Buffer | string)[]): string | undefined {
  return parts.every((part) => typeof part !== 'string') ? decodeUtf8(Buffer.concat(parts)) : undefined;
}

/** The comparison that a DN template amounts to: its first RDN. */
export function comparisonOfDn(template: string): Comparison | undefined {
  const { attribute, prefix, suffix } = FIRST_RDN.exec(template)?.groups ?? {};
  return attribute === undefined ? undefined : { attribute, prefix: prefix ?? '', suffix: suffix ?? '' };
}

/** A wildcard would let one name find the entry of another. Undefined, or what is wrong as a sentence. */
export function userFilterFault(filter: Filter): string | undefined {
  const names = placeholdersIn(filter);
  const unknown = names.find((name) => name !== 'username');
  if (unknown !== undefined) return `has the unknown placeholder {${unknown}}; known here: ${USERNAME}`;
  if (names.length === 0) return `must contain ${USERNAME}, or it would find the same for everybody`;
  if (comparisonsOf(filter).length === names.length) return undefined;
  return 'must compare {username} as in (uid={username}), without * or a matching rule';
}

/** `{dn}`, `{username}`, and the name of any attribute that the user's entry has. */
export function groupFilterFault(filter: Filter): string | undefined {
  const names = placeholdersIn(filter);
  const unknown = names.find((name) => !ATTRIBUTE.test(name));
  if (unknown !== undefined) {
    return `has the unknown placeholder {${unknown}}; known here: {dn}, ${USERNAME} and attributes such as {uid}`;
  }
  if (names.length > 0) return undefined;
  return 'must contain {dn}, {username} or an attribute of the user such as {uid}, or it would find the same for everybody';
}
