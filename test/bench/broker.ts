// The broker as it is run: a process of its own, its log in a file.

import { type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { issueLoopback, makeAuthority } from '../support/certificates.ts';
import { usersFile } from '../support/users-file.ts';
import { startNode, textOf } from './child.ts';
import { run, type Target, tokenReviewRequest } from './load.ts';

export const SOURCE = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
/** As many as there are reviews in flight, so that uncached ones are not the same review. */
const USERS = Array.from({ length: 64 }, (_, index) => `user${index}`);
const PASSWORD = 'wonderland';
/** Tokens of the file of users. */
export const TOKENS = USERS.map((name) => `${name}:${PASSWORD}`);

const authority = makeAuthority('benchmark');
export const SERVER = issueLoopback(authority, { notAfter: new Date(Date.now() + 90 * 86_400_000) });
const CLIENT = authority.issue({ commonName: 'kube-apiserver' });
export const CA = authority.cert;
export const CLIENT_TLS = { ca: CA, cert: CLIENT.cert, key: CLIENT.key };

export interface BrokerSettings {
  readonly mutualTls?: boolean;
  /** Instead of the file of users, whose passwords are cheap to check. */
  readonly providers?: readonly object[];
  readonly cache?: object;
  readonly endpoints?: readonly object[];
  readonly http2?: boolean;
  readonly shared?: object;
  readonly env?: NodeJS.ProcessEnv;
  /** The program: {@link SOURCE} unless told. */
  readonly program?: string;
}

export interface Broker {
  readonly pid: number;
  readonly target: Target;
  /** From the start of the process to its first answer. */
  readonly startMs: number;
  /** The sum of its samples, those that carry `label` (`verdict="rejected"`) or all. */
  metric(name: string, label?: string): Promise<number>;
  stop(): Promise<void>;
}

const WAIT_MS = 5;
const PATIENCE_MS = 20_000;

export async function startBroker(settings: BrokerSettings = {}): Promise<Broker> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  writeConfiguration(folder, settings);
  const logFile = join(folder, 'log');
  const args = [settings.program ?? SOURCE, 'serve', '--config', join(folder, 'broker.yaml')];
  const startedMs = performance.now();
  const child = startNode(args, openSync(logFile, 'a'), settings.env);
  const { webhook, operations } = await listening(logFile, child);
  const target = { port: portOf(webhook), ...(settings.mutualTls === true && { tls: CLIENT_TLS }) };
  await run(target, { connections: 1, requests: 1, request: () => tokenReviewRequest('/authenticate', 'garbage:') });
  const startMs = performance.now() - startedMs;
  return {
    pid: child.pid ?? 0,
    target,
    startMs,
    metric: async (name, label = '') => metricOf(await textOf(`http://${operations}/metrics`), name, label),
    stop: async () => {
      child.kill('SIGKILL');
      await once(child, 'exit');
      rmSync(folder, { recursive: true });
    },
  };
}

function writeConfiguration(folder: string, settings: BrokerSettings): void {
  const { mutualTls, providers, cache, endpoints, http2, shared } = settings;
  const files = {
    'users.yaml': usersFile(
      ...USERS.map((username) => ({ username, password: PASSWORD, uid: `u-${username}`, groups: ['developers'] })),
    ),
    'tls.crt': SERVER.cert,
    'tls.key': SERVER.key,
    'ca.crt': CA,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, { mode: 0o600 });
  const tls = { certFile: 'tls.crt', keyFile: 'tls.key', clientCAFile: 'ca.crt', clientNames: ['kube-apiserver'] };
  const config = {
    apiVersion: 'kube-auth-broker/v1',
    kind: 'BrokerConfiguration',
    webhook: {
      address: '127.0.0.1:0',
      ...(mutualTls === true && { tls }),
      ...(endpoints && { endpoints }),
      ...(http2 !== undefined && { http2 }),
    },
    operations: { address: '127.0.0.1:0' },
    providers: providers ?? [{ name: 'staff', type: 'users', options: { file: 'users.yaml' } }],
    cache: cache ?? { authenticatedTTL: '1h', rejectedTTL: '1h' },
    ...(shared && { shared }),
  };
  writeFileSync(join(folder, 'broker.yaml'), stringify(config));
}

async function listening(logFile: string, child: ChildProcess): Promise<{ webhook: string; operations: string }> {
  for (let waitedMs = 0; waitedMs < PATIENCE_MS && child.exitCode === null; waitedMs += WAIT_MS) {
    const [, webhook, operations] =
      /"webhook":"([^"]+)","operations":"([^"]+)"/.exec(readFileSync(logFile, 'utf8')) ?? [];
    if (webhook !== undefined && operations !== undefined) return { webhook, operations };
    // oxlint-disable-next-line no-await-in-loop -- looks again until it is there
    await delay(WAIT_MS);
  }
  throw new Error(`the broker does not listen; run it by hand with the configuration beside ${logFile}`);
}

function portOf(address: string): number {
  return Number(address.slice(address.lastIndexOf(':') + 1));
}

function metricOf(scrape: string, name: string, label: string): number {
  const samples = scrape.split('\n').filter((line) => /^\w+/.exec(line)?.[0] === name && line.includes(label));
  return samples.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}
