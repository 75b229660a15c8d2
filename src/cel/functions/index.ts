// Every function that an expression may call: one table of signatures for each family.

import { CONVERSIONS } from './conversions.ts';
import { FORMAT_FUNCTIONS } from './format.ts';
import { LIST_FUNCTIONS } from './lists.ts';
import { MAP_FUNCTIONS, OPTIONAL_FUNCTIONS } from './maps.ts';
import { NAMED_FORMAT_FUNCTIONS } from './named-formats.ts';
import { NETWORK_FUNCTIONS } from './network.ts';
import { OPERATORS } from './operators.ts';
import { QUANTITY_FUNCTIONS } from './quantity.ts';
import { REGEX_FUNCTIONS } from './regex.ts';
import { SEMVER_FUNCTIONS } from './semver.ts';
import { STRING_FUNCTIONS } from './strings.ts';
import { type FunctionTable, type Overload, readOverload } from './table.ts';
import { TIME_FUNCTIONS } from './times.ts';
import { URL_FUNCTIONS } from './urls.ts';

/** Families as they stand in the reference page. */
export const FAMILIES: Readonly<Record<string, FunctionTable>> = {
  operator: OPERATORS,
  conversion: CONVERSIONS,
  string: { ...STRING_FUNCTIONS, ...FORMAT_FUNCTIONS },
  pattern: REGEX_FUNCTIONS,
  list: LIST_FUNCTIONS,
  map: MAP_FUNCTIONS,
  optional: OPTIONAL_FUNCTIONS,
  time: TIME_FUNCTIONS,
  network: NETWORK_FUNCTIONS,
  url: URL_FUNCTIONS,
  quantity: QUANTITY_FUNCTIONS,
  version: SEMVER_FUNCTIONS,
  'named format': NAMED_FORMAT_FUNCTIONS,
};

/** By name, in the order in which the signatures are tried. */
export const FUNCTIONS: ReadonlyMap<string, readonly Overload[]> = byName();

function byName(): Map<string, Overload[]> {
  const functions = new Map<string, Overload[]>();
  for (const table of Object.values(FAMILIES)) {
    for (const [signature, run] of Object.entries(table)) {
      const overload = readOverload(signature, run);
      functions.set(overload.name, [...(functions.get(overload.name) ?? []), overload]);
    }
  }
  return functions;
}
