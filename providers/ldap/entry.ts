// Reads values out of an entry: attribute names are case-insensitive and may carry options (RFC 4512 §2.5).

import { canonicalName } from '../../src/core/identity.ts';
import { decodeUtf8 } from '../../src/text/utf8.ts';
import type { LdapEntry } from '../../src/upstream/ldap/response.ts';
import type { Comparison } from './template.ts';

/** The bytes of all values of an attribute, options ignored; empty when the entry does not show it. */
export function bytesOf(entry: LdapEntry, attribute: string): readonly Buffer[] {
  const wanted = attribute.toLowerCase();
  return entry.attributes.filter(({ name }) => baseName(name) === wanted).flatMap(({ values }) => values);
}

/** As text; values that are not UTF-8 are left out. */
export function textsOf(entry: LdapEntry, attribute: string): readonly string[] {
  return bytesOf(entry, attribute)
    .map(decode)
    .filter((text) => text !== undefined);
}

/** The attribute without options, in lower case. */
export function baseName(name: string): string {
  return (name.split(';', 1)[0] ?? '').toLowerCase();
}

/** UTF-8 text, or undefined for bytes that are none (or have a NUL, which no text attribute has). */
export function decode(bytes: Buffer): string | undefined {
  return bytes.includes(0) ? undefined : decodeUtf8(bytes);
}

/**
 * The name that was asked for as the directory spells it: directories match case-insensitively and RBAC does not, so the
 * typed name must never become the user's. Undefined when no compared attribute states it.
 */
export function ownSpelling(entry: LdapEntry, comparisons: readonly Comparison[], asked: string): string | undefined {
  for (const { attribute, prefix, suffix } of comparisons) {
    const wanted = comparable(prefix + asked + suffix);
    const value = textsOf(entry, attribute).find((text) => comparable(text) === wanted);
    const name = value?.slice(prefix.length, value.length - suffix.length);
    if (name !== undefined && comparable(name) === comparable(asked)) return name;
  }
  return undefined;
}

/** As caseIgnoreMatch compares (RFC 4517 §4.2.11): without case, outer and repeated spaces. */
function comparable(text: string): string {
  return canonicalName(text).replaceAll(/\s+/g, ' ');
}
