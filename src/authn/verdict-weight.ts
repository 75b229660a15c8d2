// What a remembered verdict takes of the memory, and how several of them share the names of groups.

import type { Decision, Identity } from '../core/identity.ts';
import type { Authenticated } from '../core/verdict.ts';
import { type PackedVerdict, packed, sameValues } from './packed-verdict.ts';

/** Keys, objects and their places in the maps, measured with `npm run bench`. */
const BASE_BYTES = 300;
export const REFUSED_BYTES = 250;
const PER_STRING_BYTES = 24;
const POINTER_BYTES = 8;

/** Names of groups that are shared; more begin anew, and what was shared stays so. */
const SHARED_BYTES = 4 * 1024 * 1024;

export interface Weighed {
  /** Its groups are the strings that other verdicts have, too. */
  readonly verdict: PackedVerdict;
  readonly bytes: number;
}

/** Names of groups are counted for the verdict that brought them. */
export function groupSharing(): (verdict: Authenticated<Decision>) => Weighed {
  const names = new Map<string, string>();
  const same = sameValues();
  let shared = 0;
  return (verdict) => {
    const { identity } = verdict.value;
    let bytes = BASE_BYTES + ownBytes(identity) + identity.groups.length * POINTER_BYTES;
    const groups = identity.groups.map((group) => {
      const known = names.get(group);
      if (known !== undefined) return known;
      const size = stringBytes(group);
      bytes += size;
      shared += size;
      if (shared > SHARED_BYTES) {
        names.clear();
        shared = size;
      }
      names.set(group, group);
      return group;
    });
    return { verdict: packed(verdict, groups, same), bytes };
  };
}

function ownBytes({ username, uid = '', extra }: Identity): number {
  const values = Object.entries(extra).flatMap(([key, texts]) => [key, ...texts]);
  return [username, uid, ...values].reduce((sum, text) => sum + stringBytes(text), 0);
}

/** At two bytes for each UTF-16 unit where one is beyond Latin-1, which is the dearer case. */
function stringBytes(text: string): number {
  return PER_STRING_BYTES + text.length * (/^[\0-\xff]*$/.test(text) ? 1 : 2);
}
