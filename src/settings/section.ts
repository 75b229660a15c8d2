// What the sections of the configuration have in common: each is a schema, and what it says becomes settings and warnings.

import { z } from 'zod';

/** What one section of the file becomes. */
export interface Section<Settings> {
  readonly settings: Settings;
  /** Sentences about what is legal and probably not meant. */
  readonly warnings: readonly string[];
}

/** In the JSON Schema of a section that may be written with nothing in it, as when all its lines are comments. */
export const OR_EMPTY = { type: ['object', 'null'] };

/**
 * A map that may be left out or have nothing in it: either way its keys have their defaults. Never for one that turns on TLS
 * or narrows who gets in: there an empty section is more likely a mistake than a wish.
 */
export function section<Shape extends z.ZodType>(schema: Shape) {
  return z.preprocess((value) => value ?? {}, schema.meta(OR_EMPTY)).prefault({});
}
