// `npm test`: the hermetic tests, many files in one process, because loading the program costs more than most of its tests.

import { globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { pathToFileURL } from 'node:url';
import { patient, SLOWNESS, SLOWNESS_VARIABLE } from './support/patience.ts';

/** Files that count what their whole process holds. */
const OWN_PROCESS: ReadonlySet<string> = new Set(['test/providers/users/bcrypt.test.ts']);

/** Tests often wait for a socket or a timer, so one process more than there are cores keeps all of them busy. */
const PROCESSES = availableParallelism() + 1;

const TEST_LIMIT_MS = 60_000;
const PROCESS_LIMIT_MS = 600_000;

/** Files are dealt in turn, so that each process gets some of every folder. */
function dealt(files: readonly string[], folder: string): readonly string[] {
  const hands = Array.from({ length: Math.min(PROCESSES, files.length) }, (): string[] => []);
  for (const [index, file] of files.entries()) hands[index % hands.length]?.push(pathToFileURL(resolve(file)).href);
  return hands.map((hand, index) => {
    const entry = join(folder, `part-${index + 1}.mjs`);
    writeFileSync(entry, hand.map((url) => `import ${JSON.stringify(url)};\n`).join(''));
    return entry;
  });
}

const patterns = process.argv.length > 2 ? process.argv.slice(2) : ['test/**/*.test.ts'];
const files = globSync(patterns, { exclude: ['test/live/**'] }).toSorted();
const folder = mkdtempSync(join(tmpdir(), 'test-parts-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

if (SLOWNESS > 1) process.stdout.write(`This machine is busy or slow: time limits are ${SLOWNESS} times as long.\n`);
run({
  files: [
    ...dealt(
      files.filter((file) => !OWN_PROCESS.has(file)),
      folder,
    ),
    ...files.filter((file) => OWN_PROCESS.has(file)),
  ],
  concurrency: PROCESSES,
  timeout: patient(PROCESS_LIMIT_MS),
  execArgv: [`--test-timeout=${patient(TEST_LIMIT_MS)}`],
  env: { NODE_COMPILE_CACHE: 'node_modules/.cache/compile', ...process.env, [SLOWNESS_VARIABLE]: String(SLOWNESS) },
})
  .on('test:fail', () => {
    process.exitCode = 1;
  })
  .compose(spec)
  .pipe(process.stdout);
