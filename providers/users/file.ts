// Reads a users file: a YAML list of entries.

import { type Entries, parseEntries } from '../../src/settings/entries-file.ts';
import type { ConfigFile, Fields } from '../../src/settings/provider-module.ts';
import { entriesSchema, type UserEntry } from './entry.ts';

export function parseUsersFile(fields: Fields, file: ConfigFile): Entries<UserEntry> {
  return parseEntries(file, {
    schema: entriesSchema(fields),
    entry: 'a map with username and passwordHash',
    unique: ['username'],
    // The commas of an argon2id hash end a value within braces.
    oddKey: 'within { } a hash must be in quotes',
  });
}
