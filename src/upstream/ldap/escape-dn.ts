// Escapes a value for a distinguished name (RFC 4514 §2.4), so that a name can never become another RDN.

const SPECIAL = /["+,;<>\\=]/g;
// oxlint-disable-next-line no-control-regex -- control characters are what has to be found
const CONTROL = /[\0-\x1f\x7f]/g;

/** The value as `attribute=` in a DN may be followed by it. */
export function escapeDnValue(value: string): string {
  const inner = value
    .replaceAll(SPECIAL, String.raw`\$&`)
    .replaceAll(CONTROL, (character) => `\\${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
  const start = /^[ #]/.test(inner) ? '\\' : '';
  return value.length > 1 && value.endsWith(' ') ? `${start}${inner.slice(0, -1)}\\ ` : start + inner;
}
