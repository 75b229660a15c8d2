// Clients without a server around them, as baselines of what a review makes the broker ask. Run as a process.

import { listenAsHelper } from './control-port.ts';
import { guardsWay } from './guards-way.ts';
import { plainIntrospection } from './plain-introspection.ts';

/** Does one of them; the number tells the users apart. */
export type Once = (index: number) => Promise<void>;

/** argv: which one, and what it needs as JSON. */
const [kind, settings = '{}'] = process.argv.slice(2);
const once: Once = kind === 'guard' ? guardsWay(JSON.parse(settings)) : plainIntrospection(JSON.parse(settings));

/** `/run?requests=&inFlight=`: a sample of that many, as JSON. */
await listenAsHelper({
  '/run': (query) => measured(Number(query.get('requests')), Number(query.get('inFlight'))),
});

async function measured(requests: number, inFlight: number): Promise<string> {
  const latencies: number[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < requests) {
      const index = next;
      next += 1;
      const startedMs = performance.now();
      // oxlint-disable-next-line no-await-in-loop -- one after the other in each worker is the load
      await once(index);
      latencies.push(performance.now() - startedMs);
    }
  };
  const before = process.cpuUsage();
  const startedMs = performance.now();
  await Promise.all(Array.from({ length: inFlight }, worker));
  const { user, system } = process.cpuUsage(before);
  return JSON.stringify({
    requests,
    cpuSeconds: (user + system) / 1e6,
    wallSeconds: (performance.now() - startedMs) / 1000,
    latencies: latencies.toSorted((a, b) => a - b),
  });
}
