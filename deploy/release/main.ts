// Runs steps of a release: `npm run release -- STEP…`, or all of them with --dry-run, which publishes nothing.

import { spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './product.ts';
import { type Release, STEPS } from './steps.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Prints what the command prints, and returns it. */
function execute(command: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<string> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
  let printed = '';
  const collect = (chunk: Buffer): void => {
    printed += chunk.toString();
    process.stdout.write(chunk);
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0
        ? resolve(printed)
        : reject(new Error(`${command} ended with ${code}; what is published already stays`)),
    );
  });
}

async function main(args: readonly string[]): Promise<void> {
  const dryRun = args.includes('--dry-run');
  const named = args.filter((name) => name !== '--dry-run');
  const unknown = named.filter((name) => STEPS[name] === undefined);
  if (unknown.length > 0)
    throw new Error(`no such step: ${unknown.join(', ')}; there are ${Object.keys(STEPS).join(', ')}`);
  if (named.length === 0 && !dryRun) throw new Error('name the steps, or --dry-run for all of them');
  const folder = join(ROOT, 'dist/release');
  // A file of an earlier release would be offered with this one.
  if (named.length === 0) rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const release: Release = {
    dryRun,
    folder,
    tag: process.env['GITHUB_REF_TYPE'] === 'tag' ? process.env['GITHUB_REF_NAME'] : undefined,
    say,
    publish: async (command, rest, env = {}) => {
      if (!dryRun) return execute(command, rest, env);
      say(`  would run: ${[command, ...rest].join(' ')}`);
      return '';
    },
  };
  for (const [name, step] of Object.entries(STEPS)) {
    if (named.length > 0 && !named.includes(name)) continue;
    say(`== ${name}: ${step.does}`);
    // oxlint-disable-next-line no-await-in-loop -- each step needs those before it
    await step.run(release);
  }
}

if (import.meta.main) {
  try {
    await main(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
