// Runs one command to its end; the live tests drive every server with the tools that its users have.
import { spawn } from 'node:child_process';
import { isRoot, unprivilegedOwner } from './process.ts';

export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | Uint8Array;
  readonly unprivileged?: boolean;
  readonly timeoutMs?: number;
}

/** Runs a command to its end without blocking the event loop (servers of the same test may live in it). */
export async function run(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const owner = options.unprivileged === true && isRoot() ? unprivilegedOwner() : {};
  const child = spawn(command, args, {
    ...owner,
    env: { ...process.env, ...options.env },
    timeout: options.timeoutMs ?? 30_000,
    killSignal: 'SIGKILL',
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? -1));
  });
  return { exitCode, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() };
}

/** As `run`, and a non-zero exit is an error that shows what the command printed. */
export async function runOrThrow(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const result = await run(command, args, options);
  if (result.exitCode !== 0) {
    throw new Error(`${command} ${args.join(' ')} ended with ${result.exitCode}: ${result.stderr}${result.stdout}`);
  }
  return result.stdout;
}
