// Runs the whole program in this process, on free loopback ports, from a configuration in a folder of its own.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { stringify } from 'yaml';
import { runCli } from '../../src/cli/run.ts';
import { dataObject, type JsonObject, type JsonValue, parseJsonObject } from '../../src/text/json.ts';
import { type Answer, type ApiServer, apiServer, type ClientTls } from './apiserver-client.ts';
import { issueLoopback, makeAuthority } from './certificates.ts';
import type { HttpVersion } from './http2-client.ts';
import { type Moves, movesBetween, readSeries } from './metric-series.ts';
import { until } from './settled.ts';
import { type TestProcess, testProcess } from './test-process.ts';

/** The keys of the configuration file that a test sets; the rest is added by {@link startBroker}. */
export interface BrokerConfig {
  readonly webhook?: object;
  readonly providers: readonly object[];
  readonly [section: string]: unknown;
}

export interface BrokerOptions {
  readonly config: BrokerConfig;
  /** Name → text, relative to the configuration's folder. */
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Default: HTTPS; `mutual` demands client certificates of {@link authority}, `none` is plain HTTP. */
  readonly tls?: 'server' | 'mutual' | 'none';
  /** What its clients speak; default HTTP/1.1. */
  readonly over?: HttpVersion;
}

export interface Broker extends ApiServer {
  readonly process: TestProcess;
  readonly folder: string;
  /** Of the webhook listener, and of the operations listener. */
  readonly origin: string;
  readonly operations: string;
  /** `host:port` of the portal's listener; empty without one. */
  readonly portal: string;
  /** Lines of the log that say this, parsed, without `time`. */
  logged(message: string): readonly JsonObject[];
  /** A GET to the operations listener. */
  get(path: string): Promise<Answer>;
  /** Which series moved since the last call, or since the start. */
  moved(): Promise<Moves>;
  write(file: string, text: string): void;
  /** Writes the configuration anew; it is taken over once its change is noticed. */
  configure(config: BrokerConfig): void;
  /** Resolves once this many reloads have been tried. */
  reloaded(times: number): Promise<void>;
  /** Another API server, with a TLS identity of its own. */
  client(tls?: Partial<ClientTls>): ApiServer;
  /** Ends the program as SIGTERM does, without its waits; resolves to the exit code. */
  stop(): Promise<number>;
  readonly exitCode: Promise<number>;
}

/** Signs the certificates of every broker and, with mutual TLS, of its clients. */
export const authority = makeAuthority('journeys');
export const KUBE_APISERVER = authority.issue({ commonName: 'kube-apiserver' });

/** Long enough for no warning that it ends soon. */
const QUARTER_MS = 90 * 86_400_000;

/** Starts it, waits until it listens, and stops it after the test. */
export async function startBroker(t: Pick<TestContext, 'after'>, options: BrokerOptions): Promise<Broker> {
  const { tls = 'server', config, files = {}, env, over } = options;
  const folder = mkdtempSync(join(tmpdir(), 'broker-'));
  const write = writer(folder);
  const server = issueLoopback(authority, { notAfter: new Date(Date.now() + QUARTER_MS) });
  write('tls/tls.crt', server.cert);
  write('tls/tls.key', server.key);
  write('tls/client-ca.crt', authority.cert);
  for (const [name, text] of Object.entries(files)) write(name, text);
  const configure = (next: BrokerConfig): void =>
    write('broker.yaml', stringify(completed(next, tls), { aliasDuplicateObjects: false }));
  configure(config);
  const program = testProcess(env);
  const exitCode = runCli(['serve', '--config', join(folder, 'broker.yaml')], program.seams);
  const stop = (): Promise<number> => {
    program.hurry();
    program.signal('SIGTERM');
    return exitCode;
  };
  const { webhook, operations, portal } = await listening(program, exitCode);
  const origin = `${tls === 'none' ? 'http' : 'https'}://${webhook}`;
  const clients: ApiServer[] = [];
  const client: Broker['client'] = (identity = {}) => {
    const made = apiServer(origin, { ca: authority.cert, ...identity }, over);
    clients.push(made);
    return made;
  };
  const operationsClient = apiServer(`http://${operations}`);
  const get: Broker['get'] = (path) => operationsClient.send(path, { method: 'GET' });
  let before = readSeries((await get('/metrics')).text);
  t.after(async () => {
    for (const open of [...clients, operationsClient]) open.close();
    await stop();
    rmSync(folder, { recursive: true });
  });
  return {
    ...client(tls === 'mutual' ? KUBE_APISERVER : {}),
    process: program,
    folder,
    origin,
    operations: `http://${operations}`,
    portal: portal ?? '',
    logged: (message) => logged(program, message),
    get,
    moved: async () => {
      const after = readSeries((await get('/metrics')).text);
      const moves = movesBetween(before, after);
      before = after;
      return moves;
    },
    write,
    configure,
    reloaded: (times) => until(`reload ${times}`, () => reloads(program) >= times),
    client,
    stop,
    exitCode,
  };
}

function writer(folder: string): Broker['write'] {
  return (name, text) => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text, { mode: 0o600 });
  };
}

function completed(config: BrokerConfig, tls: BrokerOptions['tls']): object {
  const files = { certFile: 'tls/tls.crt', keyFile: 'tls/tls.key' };
  const block = tls === 'mutual' ? { ...files, clientCAFile: 'tls/client-ca.crt' } : files;
  return {
    apiVersion: 'kube-auth-broker/v1',
    kind: 'BrokerConfiguration',
    operations: { address: '127.0.0.1:0' },
    ...config,
    webhook: { address: '127.0.0.1:0', ...(tls !== 'none' && { tls: block }), ...config.webhook },
  };
}

/** The addresses in the line that says so; fails with what the program said when it ends instead. */
async function listening(program: TestProcess, exitCode: Promise<number>): Promise<Record<string, string>> {
  let ended: number | undefined;
  const note = (code: number): void => {
    ended = code;
  };
  void exitCode.then(note);
  const line = (): string | undefined => program.log().find((text) => /\blistening\b/.test(text));
  await until('the broker listens', () => line() !== undefined || ended !== undefined);
  assert.equal(ended, undefined, `the broker ended: ${program.stderr()}`);
  const addresses = (line() ?? '').matchAll(/"?(webhook|operations|portal)"?[=:]"?([^" ]+)/g);
  return Object.fromEntries([...addresses].map(([, name, address]) => [name, address]));
}

function logged(program: TestProcess, message: string): readonly JsonObject[] {
  const lines = program.log().map((line) => parseJsonObject(line) ?? {});
  return lines.filter(({ msg }) => msg === message).map((line) => dataObject(Object.entries(line).filter(isTold)));
}

function isTold([name]: readonly [string, JsonValue]): boolean {
  return name !== 'time';
}

function reloads(program: TestProcess): number {
  return ['configuration reloaded', 'configuration not reloaded, the last good one stays in force']
    .map((message) => logged(program, message).length)
    .reduce((sum, count) => sum + count, 0);
}
