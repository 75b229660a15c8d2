// Reads the first part of a distinguished name that a directory returned (RFC 4514 §3).

import { decodeUtf8 } from '../../text/utf8.ts';
export interface Rdn {
  readonly attribute: string;
  readonly value: string;
}

/** `cn=Smith\, John+uid=7,ou=x` → cn, `Smith, John`. Undefined for what is no DN, and for `#`-encoded values. */
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
