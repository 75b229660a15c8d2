// A client loop of another process as a contender.

import type { Helper } from './child.ts';
import type { Contender } from './rounds.ts';

/** `helper` runs client-loop.ts. */
export function loopContender(name: string, helper: Helper, requests: number, inFlight: number): Contender {
  const path = `/run?requests=${requests}&inFlight=${inFlight}`;
  return { name, run: async () => JSON.parse(await helper.get(path)) };
}
