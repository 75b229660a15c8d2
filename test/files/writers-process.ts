// One of many writers: for each message { path, name, count } appends NAME-0 … to a file under its lock, and tells each one kept.

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { thisHost } from '../../src/files/holder.ts';
import { withLock } from '../../src/files/lock.ts';
import { replaceFile } from '../../src/files/replace.ts';
import { inOrder } from '../support/settled.ts';

export interface Job {
  readonly path: string;
  readonly name: string;
  readonly count: number;
}

/** `line` was kept, or the job is done. */
export interface Told {
  readonly name: string;
  readonly line?: string;
}

process.on('message', (job: Job) => void write(job));

async function write({ path, name, count }: Job): Promise<void> {
  const lines = Array.from({ length: count }, (_, index) => `${name}-${index}`);
  await inOrder(lines, async (line) => {
    const seams = { host: thisHost(), nonce: randomBytes(8).toString('hex'), patienceMs: 60_000 };
    const kept = await withLock(`${path}.lock`, seams, async () => {
      await replaceFile(path, `${readFileSync(path, 'utf8')}${line}\n`, seams.nonce);
    });
    if (kept !== undefined) tell({ name, line });
  });
  tell({ name });
}

function tell(told: Told): void {
  process.send?.(told);
}
