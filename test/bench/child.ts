// Programs of the benchmark that run in processes of their own, and end with it.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const children = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

export interface Helper {
  readonly pid: number;
  /** Of what it is there for; 0 when it serves nothing but its own pages. */
  readonly served: number;
  /** GET of a path, the answer's text. */
  get(path: string): Promise<string>;
  stop(): void;
}

/** A file of this folder that ends with `listenAsHelper`. */
export async function startHelper(file: string, args: readonly string[]): Promise<Helper> {
  const child = startNode([fileURLToPath(new URL(file, import.meta.url)), ...args], 'pipe');
  const [line] = await once(child.stdout ?? child, 'data');
  const { port, served = 0 }: { port: number; served?: number } = JSON.parse(String(line));
  return {
    pid: child.pid ?? 0,
    served,
    get: (path) => textOf(`http://127.0.0.1:${port}${path}`),
    stop: () => void child.kill('SIGKILL'),
  };
}

export async function textOf(url: string): Promise<string> {
  const answer = await fetch(url);
  return answer.text();
}

/** `stdout` may be the number of an open file. */
export function startNode(args: readonly string[], stdout: 'pipe' | number, env: NodeJS.ProcessEnv = {}): ChildProcess {
  const child = spawn(process.execPath, args, { stdio: ['ignore', stdout, 'ignore'], env: { ...process.env, ...env } });
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}
