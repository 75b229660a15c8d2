// A server under load as a contender: its CPU before and after, over connections that stay.

import { type Connections, connectAll, type Target } from './load.ts';
import { cpuSecondsOf } from './process-cpu.ts';
import type { Contender, Sample } from './rounds.ts';

export interface Served {
  readonly name: string;
  readonly target: Target;
  /** Of its process. */
  readonly pid: number;
  readonly requests: number;
  /** The whole request of this number, which counts on from round to round. */
  readonly request: (index: number) => Buffer;
}

/** Runs `use` with contenders whose connections are open, and closes them. */
export async function withConnections<T>(
  served: readonly Served[],
  inFlight: number,
  use: (contenders: readonly Contender[]) => Promise<T>,
): Promise<T> {
  const open = await Promise.all(served.map(({ target }) => connectAll(target, inFlight)));
  try {
    return await use(served.flatMap((one, at) => (open[at] === undefined ? [] : [contender(one, open[at])])));
  } finally {
    for (const connections of open) connections.close();
  }
}

function contender({ name, pid, requests, request }: Served, connections: Connections): Contender {
  let sent = 0;
  const run = async (): Promise<Sample> => {
    const first = sent;
    sent += requests;
    const before = cpuSecondsOf(pid);
    const startedMs = performance.now();
    const { latencies, failures } = await connections.send({ requests, request: (index) => request(first + index) });
    const wallSeconds = (performance.now() - startedMs) / 1000;
    if (failures > 0) throw new Error(`${name}: ${failures} of ${requests} answers were not a 200`);
    return { requests, cpuSeconds: cpuSecondsOf(pid) - before, wallSeconds, latencies };
  };
  return { name, run };
}
