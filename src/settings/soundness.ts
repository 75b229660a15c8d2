// Lets a check over several keys run although one of them failed, so that every error is reported at once.

import type { z } from 'zod';
import { isJsonObject } from '../text/json.ts';

/** When a refinement of a map runs: also when a key of it failed. Such a key holds anything; ask {@link soundness}. */
export const ALWAYS = { when: ({ value }: z.core.ParsePayload): boolean => isJsonObject(value) };

/** The same for a list. */
export const ALWAYS_LIST = { when: ({ value }: z.core.ParsePayload): boolean => Array.isArray(value) };

/** True when nothing at this path, above or below it has failed, so that what is there is what the schema says. */
export type IsSound = (...path: readonly PropertyKey[]) => boolean;

/** For one run of a refinement, from `context.issues`; an unknown key makes nothing of what is known unsound. */
export function soundness({ issues }: Pick<z.core.ParsePayload, 'issues'>): IsSound {
  const faults = issues.filter(({ code }) => code !== 'unrecognized_keys').map(({ path = [] }) => path);
  return (...path) => !faults.some((fault) => fault.slice(0, path.length).every((part, index) => part === path[index]));
}
