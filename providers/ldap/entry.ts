// Reads an entry: values, immutable keys, and the claims that are made of it.

import { type Claims } from '../../src/core/claims.ts';
import { canonicalName } from '../../src/core/identity.ts';
import { dataObject, isText, type JsonValue } from '../../src/text/json.ts';
import { decodeUtf8 } from '../../src/text/utf8.ts';
import { firstRdn } from '../../src/upstream/ldap/dn.ts';
import { type LdapEntry } from '../../src/upstream/ldap/message.ts';
import { type Comparison } from './template.ts';

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
 * The value of the attribute that names the user, whatever was typed: directories match without regard to case and know several
 * names of one person, RBAC does not. Of several values it is the one in the DN, else the first in the order of the alphabet,
 * because the order of an attribute's values means nothing (RFC 4511 §4.1.7). Undefined when the entry does not show it.
 */
export function usernameOf(entry: LdapEntry, { attribute, prefix, suffix }: Comparison): string | undefined {
  const nameIn = (value: string): string | undefined => {
    const name = value.slice(prefix.length, value.length - suffix.length);
    return canonicalName(prefix + name + suffix) === canonicalName(value) ? name : undefined;
  };
  const names = textsOf(entry, attribute)
    .map(nameIn)
    .filter(isText)
    .toSorted((a, b) => (a < b ? -1 : 1));
  const rdn = firstRdn(entry.dn);
  const inDn = rdn?.attribute.toLowerCase() === attribute.toLowerCase() ? nameIn(rdn.value) : undefined;
  return names.find((name) => name === inDn) ?? names[0];
}

/** objectGUID as text (MS-DTYP §2.3.4): the first three fields are little-endian; undefined unless it has 16 bytes. */
export function guidText(bytes: Buffer): string | undefined {
  if (bytes.length !== 16) return undefined;
  const ordered = Buffer.from(bytes);
  ordered.subarray(0, 4).reverse();
  ordered.subarray(4, 6).reverse();
  ordered.subarray(6, 8).reverse();
  const hex = ordered.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** objectSid as text, `S-1-5-21-…` (MS-DTYP §2.4.2); undefined when the bytes are no SID. */
export function sidText(bytes: Buffer): string | undefined {
  if (bytes.length < 8 || bytes[0] !== 1 || bytes.length !== 8 + (bytes[1] ?? 0) * 4) return undefined;
  const parts = Array.from({ length: bytes[1] ?? 0 }, (_, index) => bytes.readUInt32LE(8 + index * 4));
  return ['S', 1, bytes.readUIntBE(2, 6), ...parts].join('-');
}

/** The SID of a user's primary group: the user's own with the last part replaced (MS-ADTS §3.1.1.1.6). */
export function primaryGroupSid(userSid: Buffer, primaryGroupId: string): string | undefined {
  const sid = sidText(userSid);
  if (sid === undefined || !/^\d{1,10}$/.test(primaryGroupId)) return undefined;
  return `${sid.slice(0, sid.lastIndexOf('-'))}-${primaryGroupId}`;
}

/** Readable for some service accounts; a claim is shown by `explain`. */
const PASSWORDS: ReadonlySet<string> = new Set(
  [
    ['userPassword', 'authPassword', 'unicodePwd', 'dBCSPwd', 'supplementalCredentials', 'pwdHistory', 'ntPwdHistory'],
    ['lmPwdHistory', 'passwordHistory', 'sambaNTPassword', 'sambaLMPassword', 'sambaPasswordHistory', 'ipaNTHash'],
    ['ms-Mcs-AdmPwd', 'msLAPS-Password', 'msLAPS-EncryptedPassword', 'msDS-ManagedPassword', 'krbPrincipalKey'],
    ['krbPwdHistory', 'krbExtraData', 'ipatokenOTPkey', 'sshPrivateKey', 'userPKCS12'],
  ]
    .flat()
    .map((name) => name.toLowerCase()),
);

/** Bytes that happen to be UTF-8 now and then; a claim must not change its form from user to user. */
const BINARY: ReadonlySet<string> = new Set(
  ['objectGUID', 'objectSid', 'jpegPhoto', 'thumbnailPhoto', 'thumbnailLogo', 'photo', 'audio', 'userCertificate']
    .concat(['userSMIMECertificate', 'cACertificate', 'msExchMailboxGuid', 'mS-DS-ConsistencyGuid', 'sIDHistory'])
    .map((name) => name.toLowerCase()),
);

/** What the provider states itself; an attribute of that name does not replace it. */
const OWN: ReadonlySet<string> = new Set(['dn', 'groups', 'username', 'subject']);

export interface Stated {
  readonly entry: LdapEntry;
  /** Of the attribute that names the user; the claim is left out when the entry does not state it. */
  readonly username: string | undefined;
  readonly groups: readonly string[];
  readonly subject: string;
  /** Attribute names as configured: a claim is found under this spelling and under the server's. */
  readonly configured: readonly string[];
}

export function claimsOf({ entry, username, groups, subject, configured }: Stated): Claims {
  const claims = new Map<string, JsonValue>();
  const spellings = new Map(configured.map((name) => [name.toLowerCase(), name]));
  for (const { name, values } of entry.attributes) {
    const base = baseName(name);
    if (PASSWORDS.has(base) || OWN.has(name) || values.length === 0) continue;
    const value = claimValue(values, BINARY.has(base) || /;binary(?:;|$)/i.test(name));
    claims.set(name, value);
    const spelling = spellings.get(name.toLowerCase());
    if (spelling !== undefined && !OWN.has(spelling)) claims.set(spelling, value);
  }
  claims.set('dn', entry.dn).set('groups', groups).set('subject', subject);
  if (username !== undefined) claims.set('username', username);
  return { subject, attributes: dataObject(claims) };
}

/** One value: string; several: list; binary: base64. Booleans and numbers stay the text that LDAP has. */
function claimValue(values: readonly Buffer[], isBinary: boolean): JsonValue {
  const texts = isBinary ? [] : values.map(decode);
  const isAllText = !isBinary && texts.every((text) => text !== undefined);
  const all = isAllText ? texts.filter((text) => text !== undefined) : values.map((value) => value.toString('base64'));
  return all.length === 1 ? (all[0] ?? null) : all;
}

/** The immutable key of an entry; `isStable` is false when only its DN is left, which a rename changes. */
export function subjectOf(
  entry: LdapEntry,
  attributes: readonly string[],
): { readonly subject: string; readonly isStable: boolean } {
  for (const attribute of attributes) {
    const [bytes] = bytesOf(entry, attribute);
    const text = attribute === 'objectGUID' ? bytes && guidText(bytes) : textsOf(entry, attribute)[0];
    if (text !== undefined && text !== '') return { subject: text, isStable: true };
  }
  return { subject: entry.dn, isStable: false };
}
