// A provider entry that has the mapping keys alone, and what is wrong with one.

import { createFields } from '../../src/settings/fields.ts';
import { checkMapping, mappingShape } from '../../src/settings/mapping-schema.ts';
import { ALWAYS } from '../../src/settings/soundness.ts';

export const fields = createFields({ dir: '/', env: {}, readFile: () => '', seen: () => undefined });
export const entry = fields.object(mappingShape(fields)).superRefine(checkMapping, ALWAYS);

/** `path: message` of every issue, in order. */
export const issuesOf = (given: unknown): string[] =>
  (entry.safeParse(given).error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);

const username = { claim: 'uid', prefix: 'ldap:' };

/** An entry with these claimMappings, besides a good username. */
export const mapping = (given: object): unknown => ({ claimMappings: { username, ...given } });
