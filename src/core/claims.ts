// What an upstream states about a subject, as plain data.

import type { JsonObject } from '../text/json.ts';

/** One upstream's statement about one subject; the mapping turns it into an {@link Identity}. */
export interface Claims {
  /** Stable and unique within this upstream: `sub`, `entryUUID`, `objectGUID`. */
  readonly subject: string;
  /** JSON values as the upstream gave them, `username` and `subject` included; a null-prototype map. */
  readonly attributes: JsonObject;
  /** What the credential is meant for; absent when the upstream is not audience aware. */
  readonly audiences?: readonly string[];
}
