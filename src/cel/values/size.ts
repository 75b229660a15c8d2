// Sizes, as `size()` gives them and as costs count them.

import { CelMap, List, Optional, type Outcome } from './value.ts';

/** Code points of a string, bytes, elements or entries; 1 for everything without a size. */
export function sizeOf(value: Outcome): number {
  if (typeof value === 'string') return codePoints(value);
  if (typeof value !== 'object' || value === null) return 1;
  if (value instanceof Uint8Array) return value.length;
  if (value instanceof List) return value.items.length;
  if (value instanceof CelMap) return value.isInput ? 1 : value.entries.size;
  if (value instanceof Optional) return value.value === undefined ? 1 : sizeOf(value.value);
  return 'costSize' in value ? value.costSize : 1;
}

const SURROGATES = /[\ud800-\udbff][\udc00-\udfff]/g;

export const codePoints = (text: string): number =>
  text.length - (hasSurrogates(text) ? (text.match(SURROGATES)?.length ?? 0) : 0);

/** Without them a text has as many characters as UTF-16 units, which is cheap to know. */
export const hasSurrogates = (text: string): boolean => /[\ud800-\udfff]/.test(text);
