// Checks bcrypt hashes in worker threads, because bcryptjs computes on the thread that calls it for a tenth of a second and more.

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

export interface BcryptQuestion {
  readonly password: string;
  /** `$2a$`, `$2b$` or `$2y$`. */
  readonly hash: string;
}

/** Starting a thread costs half as much as a check of cost 10, so a burst of logins uses the same threads. */
const IDLE_MS = 30_000;

const idle = new Map<Worker, NodeJS.Timeout>();

/**
 * True for the right password. Rejects when the thread could not be started, or ended before it answered. Every call that is
 * under way has a thread of its own: the caller bounds them.
 */
export async function bcryptMatches(question: BcryptQuestion): Promise<boolean> {
  const worker = takeIdle() ?? start();
  const isRight = await answerOf(worker, question);
  rest(worker);
  return isRight;
}

function takeIdle(): Worker | undefined {
  for (const [worker, timer] of idle) {
    clearTimeout(timer);
    idle.delete(worker);
    return worker;
  }
  return undefined;
}

/** Gets nothing of the environment, where secrets may be. */
function start(): Worker {
  const options = { env: {}, execArgv: [] };
  const text = bundled();
  const worker =
    text === undefined
      ? new Worker(new URL('./bcrypt-worker.ts', import.meta.url), options)
      : new Worker(text, { ...options, eval: true });
  worker.on('error', () => void idle.delete(worker));
  worker.on('exit', () => void idle.delete(worker));
  return worker;
}

/** The worker's code, which the bundler writes in place of this very expression (esbuild's `define`): a bundle is one file. */
function bundled(): string | undefined {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- esbuild replaces this very expression; a guard would stay unreplaced
  return (globalThis as { readonly KUBE_AUTH_BROKER_BCRYPT_WORKER?: string }).KUBE_AUTH_BROKER_BCRYPT_WORKER;
}

/** Only a thread at work keeps the process alive. */
async function answerOf(worker: Worker, question: BcryptQuestion): Promise<boolean> {
  const ended = new AbortController();
  const end = (): void => ended.abort();
  worker.once('exit', end);
  worker.ref();
  try {
    const answered = once(worker, 'message', { signal: ended.signal });
    worker.postMessage(question);
    const [isRight]: unknown[] = await answered;
    return isRight === true;
  } finally {
    worker.off('exit', end);
    worker.unref();
  }
}

function rest(worker: Worker): void {
  const timer = setTimeout(() => {
    idle.delete(worker);
    void worker.terminate();
  }, IDLE_MS);
  idle.set(worker, timer.unref());
}
