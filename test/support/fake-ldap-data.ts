// The entries of a fake directory, and which of them a search finds.

import type { FakeFilter, FakeSearch } from './fake-ldap-codec.ts';

export type FakeValues = string | Buffer | readonly (string | Buffer)[];

export interface FakeEntry {
  readonly dn: string;
  /** Spelled as the directory answers them. */
  readonly attributes: Readonly<Record<string, FakeValues>>;
  /** Who has one can bind. */
  readonly password?: string;
  /** Other names that can be bound as: `alice@corp.example`, `CORP\alice`. */
  readonly bindNames?: readonly string[];
}

/** Answered only when they are asked for by name (RFC 4512 §3.4). */
const OPERATIONAL = new Set(['entryuuid', 'memberof', 'nsuniqueid', 'supportedcontrol', 'supportedldapversion']);

/** A person below ou=people,dc=example,dc=org with a stable entryUUID. */
export function fakePerson(
  uid: string,
  password: string,
  attributes: Readonly<Record<string, FakeValues>> = {},
  dn = `uid=${uid.replaceAll(/["+,;<>\\=]/g, String.raw`\$&`)},ou=people,dc=example,dc=org`,
): FakeEntry {
  const entryUUID = `uuid-of-${uid}`;
  return { dn, password, attributes: { objectClass: 'inetOrgPerson', uid, cn: uid, entryUUID, ...attributes } };
}

/** A group below ou=groups,dc=example,dc=org. */
export function fakeGroup(
  cn: string,
  member: readonly string[],
  attributes: Readonly<Record<string, FakeValues>> = {},
): FakeEntry {
  return {
    dn: `cn=${cn},ou=groups,dc=example,dc=org`,
    attributes: { objectClass: 'groupOfNames', cn, member, ...attributes },
  };
}

/** The entry without a name, in which a server says what it knows (RFC 4512 §5.1). */
export function fakeRootDse(
  supportedControl: readonly string[] = ['1.2.840.113556.1.4.319', '1.3.6.1.4.1.42.2.27.8.5.1'],
): FakeEntry {
  return { dn: '', attributes: { objectClass: 'top', supportedLDAPVersion: '3', supportedControl } };
}

export function valuesOf(entry: FakeEntry, attribute: string): readonly (string | Buffer)[] {
  const wanted = attribute.toLowerCase();
  const found = Object.entries(entry.attributes).find(([name]) => name.toLowerCase() === wanted)?.[1] ?? [];
  return typeof found === 'string' || Buffer.isBuffer(found) ? [found] : found;
}

/** Matches without regard to case, as caseIgnoreMatch does. */
export function findEntries(
  entries: readonly FakeEntry[],
  { baseDN, scope, filter }: FakeSearch,
): readonly FakeEntry[] {
  const base = baseDN.toLowerCase();
  return entries.filter((entry) => {
    const dn = entry.dn.toLowerCase();
    const isInScope = scope === 'base' ? dn === base || sidOf(entry) === base : dn === base || dn.endsWith(`,${base}`);
    return isInScope && matches(entries, entry, filter);
  });
}

/** Active Directory takes `<SID=S-1-…>` as a base DN; the fake's entries say theirs in `sidText`. */
function sidOf(entry: FakeEntry): string {
  return `<sid=${String(valuesOf(entry, 'sidText')[0] ?? '')}>`.toLowerCase();
}

function matches(entries: readonly FakeEntry[], entry: FakeEntry, filter: FakeFilter): boolean {
  if ('parts' in filter) {
    const isEvery = filter.kind === 'and';
    return isEvery === !filter.parts.some((part) => matches(entries, entry, part) !== isEvery);
  }
  if (filter.kind === 'not') return !matches(entries, entry, filter.part);
  if (filter.kind === 'other') return false;
  const values = new Set(valuesOf(entry, filter.attribute).map((value) => String(value).toLowerCase()));
  if (filter.kind === 'present') return values.size > 0;
  if (filter.kind === 'equal') return values.has(filter.value.toLowerCase());
  return isInChain(entries, entry, filter.attribute, filter.value.toLowerCase(), new Set());
}

function isInChain(
  all: readonly FakeEntry[],
  entry: FakeEntry,
  attribute: string,
  member: string,
  seen: Set<string>,
): boolean {
  if (seen.has(entry.dn)) return false;
  seen.add(entry.dn);
  const members = new Set(valuesOf(entry, attribute).map((value) => String(value).toLowerCase()));
  const below = all.filter(({ dn }) => members.has(dn.toLowerCase()));
  return members.has(member) || below.some((next) => isInChain(all, next, attribute, member, seen));
}

/** What of an entry a search with these attributes shows. */
export function shownAttributes(
  entry: FakeEntry,
  asked: readonly string[],
): readonly (readonly [string, readonly (string | Buffer)[]])[] {
  const wanted = new Set(asked.map((name) => name.toLowerCase()));
  const isAsked = (name: string): boolean =>
    wanted.has(name) || (wanted.has('*') && !OPERATIONAL.has(name)) || (wanted.has('+') && OPERATIONAL.has(name));
  return Object.keys(entry.attributes)
    .filter((name) => isAsked(name.toLowerCase()))
    .map((name) => [name, valuesOf(entry, name)] as const);
}
