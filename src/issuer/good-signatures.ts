// Which tokens were found to be signed by a key of this issuer: that never changes, while time and revocations do.

import { fingerprinter, newFingerprintKey } from '../core/fingerprint.ts';
import type { Seams } from '../core/seams.ts';

export interface GoodSignatures {
  has(token: string): boolean;
  add(token: string): void;
}

/** Of twice as many at most the oldest half is forgotten at once. */
const REMEMBERED = 5000;

/** Only keyed hashes of whole tokens; good for the life of one set of keys. */
export function goodSignatures({ randomBytes }: Pick<Seams, 'randomBytes'>): GoodSignatures {
  const fingerprints = fingerprinter(newFingerprintKey(randomBytes), '');
  const keyOf = (token: string): string => fingerprints.of('good signature', [token]);
  let recent = new Set<string>();
  let older = new Set<string>();
  return {
    has: (token) => {
      const key = keyOf(token);
      return recent.has(key) || older.has(key);
    },
    add: (token) => {
      if (recent.size >= REMEMBERED) {
        older = recent;
        recent = new Set();
      }
      recent.add(keyOf(token));
    },
  };
}
