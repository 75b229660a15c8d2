// Memory, descriptors and timers of the program at rest, and whether they stay where they are.

import type { Program } from '../live/resilience/support/program.ts';
import { sumOf } from '../live/support/broker-output.ts';

export interface Sample {
  readonly heapMiB: number;
  readonly rssMiB: number;
  readonly fds: number;
  readonly timers: number;
}

/** Collects garbage on SIGUSR2, which no request can ask for; for NODE_OPTIONS. */
export const COLLECTOR = `--expose-gc --import=data:text/javascript,${encodeURIComponent("process.on('SIGUSR2',()=>globalThis.gc())")}`;
const MIB = 1_048_576;
/** What may come on top of what there was, for caches that fill and connections that are kept. */
const ALLOWED: Sample = { heapMiB: 16, rssMiB: 64, fds: 40, timers: 40 };

export async function sampleOf(program: Program): Promise<Sample> {
  program.signal('SIGUSR2');
  // The first scrape is answered after the signal was, and the collection with it.
  await program.scrape();
  const page = await program.scrape();
  return {
    heapMiB: (sumOf(page, 'nodejs_heap_size_used_bytes', {}) + sumOf(page, 'nodejs_external_memory_bytes', {})) / MIB,
    rssMiB: sumOf(page, 'process_resident_memory_bytes', {}) / MIB,
    fds: sumOf(page, 'process_open_fds', {}),
    timers: sumOf(page, 'nodejs_active_resources', { type: 'Timeout' }),
  };
}

/** Which of them grew from the second quarter of a soak to its last; the first is for warming up. */
export function growthIn(samples: readonly Sample[]): readonly string[] {
  if (samples.length < 4) return [];
  const quarter = Math.floor(samples.length / 4);
  const [early, late] = [samples.slice(quarter, 2 * quarter), samples.slice(-quarter)];
  const keys = ['heapMiB', 'rssMiB', 'fds', 'timers'] as const;
  return keys
    .filter((key) => median(late, key) > median(early, key) + ALLOWED[key])
    .map((key) => `${key} went from ${median(early, key).toFixed(0)} to ${median(late, key).toFixed(0)}`);
}

function median(samples: readonly Sample[], key: keyof Sample): number {
  const values = samples.map((sample) => sample[key]).toSorted((a, b) => a - b);
  return values[Math.floor(values.length / 2)] ?? 0;
}
