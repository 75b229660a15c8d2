// Remembers which servers failed, so that a review does not wait for a dead one while another is alive.

import type { Clock } from '../../core/seams.ts';

/** How often a failed server is tried again while others do its work. */
export const RECOVERY_TRIAL_MS = 5000;

export interface Health<Server> {
  /** Those that work, in the order configured; after them those that failed, the longest ago first. */
  order(): readonly Server[];
  succeeded(server: Server): void;
  failed(server: Server): void;
  hasFailed(server: Server): boolean;
  /** A failed server that it is time to try again, at most once per {@link RECOVERY_TRIAL_MS}. */
  dueForTrial(): Server | undefined;
}

export function createHealth<Server>(servers: readonly Server[], clock: Clock): Health<Server> {
  const failedAtMs = new Map<Server, number>();
  const failures = (): readonly Server[] => [...failedAtMs].toSorted(([, a], [, b]) => a - b).map(([server]) => server);
  return {
    order: () => {
      if (failedAtMs.size === 0) return servers;
      return [...servers.filter((server) => !failedAtMs.has(server)), ...failures()];
    },
    succeeded: (server) => void failedAtMs.delete(server),
    failed: (server) => void failedAtMs.set(server, clock.monotonicMs()),
    hasFailed: (server) => failedAtMs.has(server),
    dueForTrial: () => {
      if (failedAtMs.size === 0 || failedAtMs.size === servers.length) return undefined;
      const nowMs = clock.monotonicMs();
      const due = failures().find((server) => nowMs - (failedAtMs.get(server) ?? nowMs) >= RECOVERY_TRIAL_MS);
      if (due !== undefined) failedAtMs.set(due, nowMs);
      return due;
    },
  };
}
