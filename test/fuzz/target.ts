// What is fuzzed: something that takes one broken input at a time and throws when a promise of the broker is broken.

import type { Random } from './random.ts';

export interface Target {
  readonly name: string;
  /** One input; resolves to the kind of answer it got, for the table at the end. Rejects with what was violated. */
  run(random: Random): Promise<string> | string;
}

/** The message shows the input, which a fuzzer may do: it made it. */
export class Violation extends Error {
  constructor(what: string, input: string) {
    super(`${what}; the input was ${JSON.stringify(input.slice(0, 2000))}`);
  }
}
