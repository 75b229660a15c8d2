// Runs the broker as a process whose files, signals and Node options belong to the test; other live tests need none of that.

import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { request } from 'undici';
import { stringify } from 'yaml';
import { issueLoopback, makeAuthority, type TestCertificate } from '../../../support/certificates.ts';
import { temporaryFolder } from '../../rig/temp.ts';
import { freePort, waitFor } from '../../rig/wait.ts';
import { type LogLine, linesOf, sumOf } from '../../support/broker-output.ts';

const MAIN = fileURLToPath(new URL('../../../../src/main.ts', import.meta.url));
/** Longer than a drain may take. */
const ENDS_WITHIN_MS = 25_000;

export interface ProgramSpec {
  /** `providers`, `cache`, `limits`, `webhook` and so on; addresses and TLS are added. */
  readonly config: ProgramConfig;
  /** Name → text, relative to the configuration's folder. */
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Default mutual. */
  readonly tls?: 'none' | 'server' | 'mutual';
}

export interface ProgramConfig {
  readonly webhook?: object;
  readonly [section: string]: unknown;
}

export interface Program {
  readonly pid: number;
  readonly folder: string;
  readonly webhookPort: number;
  /** `http://127.0.0.1:<port>` of the operations listener. */
  readonly operations: string;
  /** Replaces a file as an editor does; names are relative to the folder. */
  write(name: string, text: string): void;
  configure(config: ProgramConfig): void;
  signal(name: NodeJS.Signals): void;
  /** The exit code; null after a signal. Fails when it does not end. */
  ended(withinMs?: number): Promise<number | null>;
  hasEnded(): boolean;
  output(): string;
  lines(message?: string): readonly LogLine[];
  scrape(): Promise<string>;
  /** The sum of all samples that have these labels. */
  metric(name: string, labels?: Readonly<Record<string, string>>): Promise<number>;
  readyz(): Promise<{ readonly status: number; readonly text: string }>;
  /** At once; for `after`. */
  stop(): Promise<void>;
}

/** Signs the servers and the clients of every {@link startProgram}. */
export const authority = makeAuthority('resilience');
export const KUBE_APISERVER: TestCertificate = authority.issue({ commonName: 'kube-apiserver' });

/** Ready when it resolves; fails with what was printed when the program ends instead. */
export async function startProgram(spec: ProgramSpec): Promise<Program> {
  const folder = temporaryFolder('program');
  const ports = { webhook: await freePort(), operations: await freePort() };
  const write: Program['write'] = (name, text) => writeWhole(join(folder, name), text);
  const configure: Program['configure'] = (config) =>
    write('broker.yaml', stringify(completed(config, spec.tls ?? 'mutual', ports), { aliasDuplicateObjects: false }));
  writeTls(write, issueLoopback(authority));
  write('tls/client-ca.crt', authority.cert);
  for (const [name, text] of Object.entries(spec.files ?? {})) write(name, text);
  configure(spec.config);
  const run = launch(folder, spec.env);
  const operations = `http://127.0.0.1:${ports.operations}`;
  const readyz = () => get(`${operations}/readyz?verbose`);
  await waitFor('the program to listen', async () => {
    if (run.hasEnded()) throw new Error(`the program has ended:\n${run.output()}`);
    return (await readyz()).status === 200 || undefined;
  });
  const scrape = async (): Promise<string> => (await get(`${operations}/metrics`)).text;
  return {
    ...run,
    folder,
    webhookPort: ports.webhook,
    operations,
    write,
    configure,
    lines: (message) => linesOf(run.output(), message),
    scrape,
    metric: async (name, labels = {}) => sumOf(await scrape(), name, labels),
    readyz,
    stop: async () => {
      run.signal('SIGKILL');
      await run.ended();
    },
  };
}

/** The pair that the webhook presents; one file after the other, as a careless renewal does. */
export function writeTls(write: Program['write'], { cert, key }: TestCertificate): void {
  write('tls/tls.crt', cert);
  write('tls/tls.key', key);
}

type Run = Pick<Program, 'pid' | 'signal' | 'ended' | 'hasEnded' | 'output'>;

/** The kernel kills it with the test process (PR_SET_PDEATHSIG). */
function launch(folder: string, env: ProgramSpec['env']): Run {
  const logFile = join(folder, 'output.log');
  const log = openSync(logFile, 'a');
  const args = ['--pdeathsig=KILL', '--', process.execPath, MAIN, 'serve', '--config', join(folder, 'broker.yaml')];
  const child = spawn('setpriv', args, { env: { PATH: process.env['PATH'], ...env }, stdio: ['ignore', log, log] });
  closeSync(log);
  child.unref();
  let code: number | null | undefined;
  child.once('exit', (ended) => {
    code = ended;
  });
  return {
    pid: child.pid ?? 0,
    signal: (name) => void child.kill(name),
    hasEnded: () => code !== undefined,
    ended: (withinMs = ENDS_WITHIN_MS) =>
      waitFor('the program to end', () => (code === undefined ? undefined : { code }), withinMs).then(
        (end) => end.code,
      ),
    output: () => readFileSync(logFile, 'utf8'),
  };
}

function writeWhole(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

function completed(
  config: ProgramConfig,
  tls: Required<ProgramSpec>['tls'],
  ports: { readonly webhook: number; readonly operations: number },
): object {
  const pair = { certFile: 'tls/tls.crt', keyFile: 'tls/tls.key' };
  const block = tls === 'mutual' ? { ...pair, clientCAFile: 'tls/client-ca.crt' } : pair;
  return {
    apiVersion: 'kube-auth-broker/v1',
    kind: 'BrokerConfiguration',
    operations: { address: `127.0.0.1:${ports.operations}` },
    ...config,
    webhook: { address: `127.0.0.1:${ports.webhook}`, ...(tls !== 'none' && { tls: block }), ...config.webhook },
  };
}

async function get(url: string): Promise<{ readonly status: number; readonly text: string }> {
  try {
    const { statusCode, body } = await request(url, { reset: true, headersTimeout: 5000 });
    return { status: statusCode, text: await body.text() };
  } catch {
    return { status: 0, text: '' };
  }
}
