// Memory and start: what a remembered verdict weighs, an idle broker takes, and a new one needs until its first answer.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BROKER, bundle } from '../../deploy/bundle.ts';
import { type Broker, SOURCE, startBroker } from './broker.ts';
import { median } from './statistics.ts';
import type { Row } from './table.ts';
import { bytesPerVerdict } from './verdict-weight.ts';

const STARTS = 5;
const VERDICT_BYTES = 600;
const IDLE_MIB = 120;

export async function footprintRows(): Promise<readonly Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-bundle-'));
  const { outfile: program } = await bundle(BROKER, { folder, commit: 'benchmark' });
  try {
    return [
      weightRow(),
      await idleRow('source', SOURCE),
      await idleRow('bundle', program),
      await startRow('source', SOURCE, 1000),
      await startRow('bundle', program, 400),
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function weightRow(): Row {
  const what = 'a remembered verdict of a person with 3 groups';
  const bytes = bytesPerVerdict();
  if (bytes === undefined) return { what, measured: 'not measured: start node with --expose-gc' };
  return {
    what,
    measured: `${bytes.toFixed(0)} B`,
    target: { says: `<= ${VERDICT_BYTES} B`, isReached: bytes <= VERDICT_BYTES },
  };
}

async function idleRow(from: string, program: string): Promise<Row> {
  const broker = await startBroker({ program });
  const mib = (await broker.metric('process_resident_memory_bytes')) / 1024 / 1024;
  await broker.stop();
  return {
    what: `idle memory (RSS) from ${from}`,
    measured: `${mib.toFixed(0)} MiB`,
    target: { says: `<= ${IDLE_MIB} MiB`, isReached: mib <= IDLE_MIB },
  };
}

async function startRow(from: string, program: string, targetMs: number): Promise<Row> {
  const times: number[] = [];
  for (let start = 0; start < STARTS; start++) {
    // oxlint-disable-next-line no-await-in-loop -- one start after the other
    const broker: Broker = await startBroker({ program });
    times.push(broker.startMs);
    // oxlint-disable-next-line no-await-in-loop -- as above
    await broker.stop();
  }
  const ms = median(times);
  return {
    what: `start to the first answer from ${from}`,
    measured: `${ms.toFixed(0)} ms`,
    target: { says: `<= ${targetMs} ms`, isReached: ms <= targetMs },
  };
}
