// Values in distinguished names (RFC 4514): escaped where they are written, unescaped where they are read.

import { decodeUtf8 } from '../../text/utf8.ts';

const SPECIAL = /["+,;<>\\=]/g;
// oxlint-disable-next-line no-control-regex -- control characters are what has to be found
const CONTROL = /[\0-\x1f\x7f]/g;

/** The value as `attribute=` in a DN may be followed by it (RFC 4514 §2.4), so that a name never becomes another RDN. */
export function escapeDnValue(value: string): string {
  const inner = value
    .replaceAll(SPECIAL, String.raw`\$&`)
    .replaceAll(CONTROL, (character) => `\\${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
  const start = /^[ #]/.test(inner) ? '\\' : '';
  return value.length > 1 && value.endsWith(' ') ? `${start}${inner.slice(0, -1)}\\ ` : start + inner;
}

export interface Rdn {
  readonly attribute: string;
  readonly value: string;
}

/**
 * The first part of a DN that a directory returned (RFC 4514 §3): `cn=Smith\, John+uid=7,ou=x` → cn, `Smith, John`.
 * Undefined for what is no DN, and for `#`-encoded values.
 */
export function firstRdn(dn: string): Rdn | undefined {
  const match = /^ *(?<attribute>[\w.-]+) *= *(?<value>(?:\\.|"(?:\\.|[^"\\])*"|[^\\",;+])*)/s.exec(dn);
  const { attribute, value } = match?.groups ?? {};
  if (attribute === undefined || value === undefined || value.startsWith('#')) return undefined;
  const text = unescapeValue(trimmed(value));
  return text === undefined || text === '' ? undefined : { attribute, value: text };
}

/** Without the spaces around it; a last one that is escaped belongs to the value, and so does every other kind of space. */
function trimmed(value: string): string {
  const quoted = /^"(?<inner>.*)" *$/s.exec(value)?.groups?.['inner'];
  if (quoted !== undefined) return quoted;
  const cut = value.replace(/ +$/, '');
  return /(?:^|[^\\])(?:\\\\)*\\$/.test(cut) && cut.length < value.length ? `${cut} ` : cut;
}

/** `\2C` and `\,` alike; undefined when the escaped bytes are not UTF-8. */
function unescapeValue(value: string): string | undefined {
  const bytes = value.matchAll(/\\(?<hex>[0-9a-fA-F]{2})|\\(?<plain>.)|(?<rest>[^\\]+)/gsu);
  const parts = [...bytes].map(({ groups }) =>
    groups?.['hex'] === undefined
      ? Buffer.from(groups?.['plain'] ?? groups?.['rest'] ?? '')
      : Buffer.from(groups['hex'], 'hex'),
  );
  return decodeUtf8(Buffer.concat(parts));
}
