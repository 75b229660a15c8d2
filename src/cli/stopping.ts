// From a running broker to an exit code: signals and crashes.

import type { App } from '../app.ts';
import { EXIT } from '../command/command.ts';
import type { Log } from '../core/seams.ts';
import { DRAIN, type DrainTimes } from '../server/drain.ts';
import type { CliSeams } from './seams.ts';

/** An interactive Ctrl-C waits for nobody to notice; what is being answered is finished all the same. */
const AT_ONCE: DrainTimes = { acceptMs: 0, lingerMs: 0, finishMs: 5000 };

/** Resolves to 0 after a drain that a signal asked for, and to 1 after one that an uncaught error forced. */
export async function untilStopped(app: App, log: Log, { signals, exitNow }: CliSeams): Promise<number> {
  const first = Promise.withResolvers<Stop>();
  let asked: Stop | undefined;
  const stop = (next: Stop): void => {
    if (asked === undefined) {
      asked = next;
      first.resolve(next);
    } else if (next.code === EXIT.done) {
      // A second signal: whoever sends it does not want to wait.
      log('warn', 'stopping at once', { why: next.why });
      exitNow(EXIT.refused);
    }
  };
  signals.on('SIGTERM', () => stop({ why: 'SIGTERM', times: DRAIN, code: EXIT.done }));
  signals.on('SIGINT', () => stop({ why: 'SIGINT', times: AT_ONCE, code: EXIT.done }));
  signals.onCrash((error) => {
    // Where it happened is for the people who mend it; the message may quote what was sent.
    log('error', 'uncaught error', {
      error: error instanceof Error ? error.name : 'not an error',
      at: placesOf(error),
    });
    stop({ why: 'uncaught error', times: DRAIN, code: EXIT.refused });
  });
  const { why, times, code } = await first.promise;
  log('info', 'draining', { why });
  await app.drain(times);
  log('info', 'stopped', { why });
  return code;
}

interface Stop {
  readonly why: string;
  readonly times: DrainTimes;
  readonly code: number;
}

/** Where it happened, without the message. */
function placesOf(error: unknown): readonly string[] {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  return stack
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith('at '))
    .slice(0, 8);
}
