// Lets a check over several keys run although one of them failed, so that every error is reported at once.

import type { z } from 'zod';
import { isJsonObject, type JsonObject } from '../text/json.ts';

/** When a refinement of a map runs: also when a key of it failed. Such a key holds anything; ask {@link soundness}. */
export const ALWAYS = { when: ({ value }: z.core.ParsePayload): boolean => isJsonObject(value) };

/** The same for a list. */
export const ALWAYS_LIST = { when: ({ value }: z.core.ParsePayload): boolean => Array.isArray(value) };

/** True when nothing at this path, above or below it has failed, so that what is there is what the schema says. */
export type IsSound = (...path: readonly PropertyKey[]) => boolean;

/** For one run of a refinement, from `context.issues`; an unknown key makes nothing of what is known unsound. */
export function soundness({ issues }: Pick<z.core.ParsePayload, 'issues'>): IsSound {
  const faults = new Set<string>();
  const around = new Set<string>();
  for (const { code, path = [] } of issues) {
    if (code === 'unrecognized_keys') continue;
    faults.add(JSON.stringify(path));
    for (let length = 0; length <= path.length; length += 1) around.add(JSON.stringify(path.slice(0, length)));
  }
  return (...path) => {
    if (around.has(JSON.stringify(path))) return false;
    return !path.some((_, index) => faults.has(JSON.stringify(path.slice(0, index))));
  };
}

/** The maps of a list that holds anything, each with its index. */
export function mapsIn(list: unknown): readonly { readonly index: number; readonly value: JsonObject }[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((value: unknown, index) => (isJsonObject(value) ? [{ index, value }] : []));
}

/** A refinement of a list of maps, to run {@link ALWAYS_LIST}: no two of them have the same text at this key. */
export function unique(key: string) {
  return (list: readonly unknown[], context: Pick<z.core.$RefinementCtx, 'addIssue'>): void => {
    const seen = new Set<string>();
    for (const { index, value } of mapsIn(list)) {
      const name = value[key];
      if (typeof name !== 'string') continue;
      const message = `${name} is there already; every ${key} must be unique`;
      if (seen.has(name)) context.addIssue({ code: 'custom', path: [index, key], message });
      seen.add(name);
    }
  };
}
