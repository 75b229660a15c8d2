// What an upstream states about a subject, as plain data.

import type { JsonObject } from '../text/json.ts';
import type { DroppedGroup } from './identity.ts';

/** One upstream's statement about one subject; the mapping turns it into an {@link Identity}. */
export interface Claims {
  /** Stable and unique within this upstream: `sub`, `entryUUID`, `objectGUID`; absent when it states none. */
  readonly subject?: string;
  /** JSON values as the upstream gave them, with `username` and `subject` where the type adds them; a null-prototype map. */
  readonly attributes: JsonObject;
  /**
   * What the credential says it is good for. Absent: it is good for the endpoint's audiences, because the upstream is not
   * audience aware, or because the provider's own option `audiences` matched (as in-tree JWT authentication has it).
   */
  readonly audiences?: readonly string[];
  /** Groups of the subject that the upstream states without a name, or does not state at all, so that nothing maps them. */
  readonly droppedGroups?: readonly DroppedGroup[];
}
