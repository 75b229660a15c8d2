// Runs the targets in turn: the parsers that cost little often, the configuration loader seldom.

import { credentialTarget } from './credential.ts';
import { handlerTarget } from './handler.ts';
import { loaderTarget } from './loader.ts';
import { mappingTarget } from './mapping.ts';
import { seededRandom } from './random.ts';
import type { Target } from './target.ts';

/** Target and answer → how often. */
export type Tally = ReadonlyMap<string, number>;

export interface FuzzRun {
  readonly tally: Tally;
  readonly inputs: number;
  /** What broke, at most {@link MAX_FINDINGS}. */
  readonly findings: readonly string[];
}

export interface FuzzSettings {
  readonly seed: number;
  readonly inputs: number;
  /** Called now and then. */
  readonly progress?: (done: number) => void;
  /** Ends early. */
  readonly withinMs?: number;
}

const MAX_FINDINGS = 10;
const PROGRESS_EVERY = 1000;

export async function fuzz({ seed, inputs, progress, withinMs = Infinity }: FuzzSettings): Promise<FuzzRun> {
  const random = seededRandom(seed);
  const [handler, credential, mapping, loader] = [handlerTarget(), credentialTarget(), mappingTarget(), loaderTarget()];
  const targetOf = (input: number): Target => {
    if (input % 500 === 0) return loader;
    if (input % 10 === 1) return mapping;
    return input % 4 === 2 ? credential : handler;
  };
  const tally = new Map<string, number>();
  const findings: string[] = [];
  const startedMs = performance.now();
  let done = 0;
  while (done < inputs && findings.length < MAX_FINDINGS && performance.now() - startedMs < withinMs) {
    const target = targetOf(done);
    // oxlint-disable-next-line no-await-in-loop -- one at a time, so that a finding has one cause
    const answer = await outcomeOf(() => target.run(random), findings);
    const name = `${target.name}: ${answer}`;
    tally.set(name, (tally.get(name) ?? 0) + 1);
    done += 1;
    if (done % PROGRESS_EVERY === 0) progress?.(done);
  }
  return { tally, inputs: done, findings };
}

async function outcomeOf(run: () => Promise<string> | string, findings: string[]): Promise<string> {
  try {
    return await run();
  } catch (error) {
    findings.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return 'VIOLATED';
  }
}
