// Makes claims of an entry, without anything that is a password or could be taken for one.

import { type Claims } from '../../src/core/claims.ts';
import { dataObject, type JsonValue } from '../../src/text/json.ts';
import type { LdapEntry } from '../../src/upstream/ldap/response.ts';
import { baseName, bytesOf, decode, textsOf } from './entry.ts';
import { guidText } from './microsoft-ids.ts';

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
  /** The directory's spelling of the asked name; the claim is left out when the entry does not state it. */
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
  const isText = !isBinary && texts.every((text) => text !== undefined);
  const all = isText ? texts.filter((text) => text !== undefined) : values.map((value) => value.toString('base64'));
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
