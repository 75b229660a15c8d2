// `node test/fuzz/main.ts --requests 1000000 [--seed N]`: as many broken inputs as wanted; exits 1 on a violation.

import { parseArgs } from 'node:util';
import { fuzz } from './run.ts';

const { values } = parseArgs({
  options: { requests: { type: 'string', default: '100000' }, seed: { type: 'string' } },
});
const seed = Number(values.seed ?? Date.now() % 2 ** 32);
const inputs = Number(values.requests);
const startedMs = performance.now();
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const crashes: string[] = [];
for (const kind of ['uncaughtException', 'unhandledRejection']) {
  process.on(
    kind,
    (error: unknown) => void crashes.push(`${kind}: ${error instanceof Error ? error.stack : String(error)}`),
  );
}

say(`seed ${seed}, ${inputs} inputs`);
let saidMs = startedMs;
const progress = (done: number): void => {
  if (performance.now() - saidMs < 5000) return;
  saidMs = performance.now();
  const perSecond = done / ((saidMs - startedMs) / 1000);
  const heapMiB = process.memoryUsage().heapUsed / 1_048_576;
  say(`${done} of ${inputs}, ${perSecond.toFixed(0)}/s, heap ${heapMiB.toFixed(0)} MiB`);
};
const { tally, inputs: done, findings } = await fuzz({ seed, inputs, progress });
for (const [name, count] of [...tally].toSorted(([a], [b]) => (a < b ? -1 : 1)))
  say(`${String(count).padStart(9)}  ${name}`);
for (const finding of [...findings, ...crashes]) say(`\nVIOLATED ${finding}`);
const problems = findings.length + crashes.length;
say(
  `\n${done} inputs in ${((performance.now() - startedMs) / 1000).toFixed(0)} s, ${problems} violations, seed ${seed}`,
);
process.exitCode = problems === 0 ? 0 : 1;
