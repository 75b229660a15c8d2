// Cached reviews as kube-apiserver drives them, by client-go's own transport: over HTTP/2, beside HTTP/1.1 alone.

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { writeKubeconfig } from '../live/apiserver/kubeconfig.ts';
import { program, requirePrograms } from '../live/apiserver/programs.ts';
import { type Broker, CA, CLIENT_TLS, startBroker, TOKENS } from './broker.ts';
import { cpuSecondsOf } from './process-cpu.ts';
import { alternate, type Contender, type Sample } from './rounds.ts';
import type { Row } from './table.ts';

const ROUNDS = 7;
const LOADS = [
  { inFlight: 1, requests: 800 },
  { inFlight: 8, requests: 1500 },
  { inFlight: 32, requests: 1500 },
  { inFlight: 100, requests: 1500 },
];
const [ALICE = ''] = TOKENS;

/** A line of review-load. */
interface Outcome {
  readonly authenticated: number;
  readonly error?: string;
  readonly wallSeconds: number;
  readonly latenciesMs: readonly number[];
}

interface Generator {
  run(inFlight: number, requests: number): Promise<Outcome>;
  stop(): void;
}

export async function clientGoRows(): Promise<readonly Row[]> {
  const missing = requirePrograms('review-load');
  if (missing !== false) return [{ what: 'cached, by client-go', measured: `not measured: ${missing}` }];
  const folder = mkdtempSync(join(tmpdir(), 'bench-go-'));
  const served = await Promise.all([false, true].map(async (http2) => startServed(folder, http2)));
  const rows: Row[] = [];
  for (const { inFlight, requests } of LOADS) {
    const contenders = served.map((one) => contender(one, inFlight, requests));
    // oxlint-disable-next-line no-await-in-loop -- loads must not meet
    const results = await alternate(contenders, ROUNDS);
    rows.push(
      ...results.map(({ name, cpuUs, cpuRatio: ratio, cpuRatioInterval: interval, rounds, p50Ms, p99Ms }) => {
        return { what: `${name}; client-go, ${inFlight} in flight`, cpuUs, ratio, interval, rounds, p50Ms, p99Ms };
      }),
    );
  }
  await Promise.all(served.map(({ broker }) => broker.stop()));
  for (const { generator } of served) generator.stop();
  rmSync(folder, { recursive: true });
  return rows;
}

interface Served {
  readonly name: string;
  readonly broker: Broker;
  readonly generator: Generator;
}

async function startServed(folder: string, http2: boolean): Promise<Served> {
  const broker = await startBroker({ mutualTls: true, http2 });
  const name = http2 ? 'cached, HTTP/2' : 'cached, HTTP/1.1';
  return { name, broker, generator: generate(folder, broker.target.port) };
}

function generate(folder: string, port: number): Generator {
  const file = (name: string, text: string): string => {
    const path = join(folder, `${port}-${name}`);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  const kubeconfig = join(folder, `${port}-kubeconfig`);
  const client = { certFile: file('client.crt', CLIENT_TLS.cert), keyFile: file('client.key', CLIENT_TLS.key) };
  writeKubeconfig(kubeconfig, { server: `https://127.0.0.1:${port}/authenticate`, caFile: file('ca.crt', CA), client });
  const args = ['-kubeconfig', kubeconfig, '-tokens', file('tokens', `${ALICE}\n`)];
  const child: ChildProcessByStdio<Writable, Readable, null> = spawn(program('review-load'), args, {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, GOMAXPROCS: '1' },
  });
  const lines = createInterface({ input: child.stdout });
  return {
    run: async (inFlight, requests) => {
      child.stdin.write(`${JSON.stringify({ inFlight, requests })}\n`);
      const [line] = await once(lines, 'line');
      return JSON.parse(String(line));
    },
    stop: () => void child.kill(),
  };
}

function contender({ name, broker, generator }: Served, inFlight: number, requests: number): Contender {
  const run = async (): Promise<Sample> => {
    const before = cpuSecondsOf(broker.pid);
    const outcome = await generator.run(inFlight, requests);
    const { authenticated, wallSeconds, latenciesMs, error } = outcome;
    if (authenticated !== requests) throw new Error(`${name}: ${requests - authenticated} failed: ${error}`);
    return { requests, cpuSeconds: cpuSecondsOf(broker.pid) - before, wallSeconds, latencies: latenciesMs };
  };
  return { name, run };
}
