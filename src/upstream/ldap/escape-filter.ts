// Escapes a value for a search filter (RFC 4515), so that a name can never become a part of the filter.

const SPECIAL = /[\\*()\0]/g;

/** The value as `attribute=` may be followed by it; every other character, beyond ASCII too, stays what it is. */
export function escapeFilterValue(value: string): string {
  return value.replaceAll(SPECIAL, (character) => `\\${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
