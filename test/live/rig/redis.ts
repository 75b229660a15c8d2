// A real Redis server, with Sentinel and replicas where asked for, and faults on demand.
import { readFileSync } from 'node:fs';
import { connectRedis, type RedisConnection, type RedisSettings } from '../../../src/stores/redis.ts';
import { requireServer } from './installed.ts';
import type { KeyPair, Pki } from './pki.ts';
import { type ServerProcess, startProcess } from './process.ts';
import { fileForServer, keyPairForServer, temporaryFolder } from './temp.ts';
import { freePort, waitForPort } from './wait.ts';

const CANDIDATES = ['/usr/bin/redis-server', 'redis-server', 'valkey-server'];

/** For a test's `skip`. */
export function redisMissing(): string | false {
  return requireServer('redis-server', CANDIDATES);
}

export interface RedisOptions {
  /** Lines of redis.conf besides port and folder. */
  readonly config?: readonly string[];
  readonly tls?: { readonly pki: Pki; readonly certificate?: KeyPair };
  /** Runs as Sentinel. */
  readonly sentinel?: true;
  /** Runs as a node of a cluster that has to be made first. */
  readonly cluster?: boolean;
}

export interface Redis {
  readonly port: number;
  /** Where the nodes of a cluster talk to each other; 0 without one. */
  readonly busPort: number;
  readonly url: URL;
  /** One command as an administrator who needs no password; rejects with the server's error. */
  command(...words: readonly string[]): Promise<unknown>;
  /** Accepts connections and answers nothing. */
  suspend(): void;
  resume(): void;
  kill(): Promise<void>;
  /** Again, on the same port; what was not saved is gone. */
  start(): Promise<void>;
  stop(): Promise<void>;
  log(): string;
}

export async function startRedis({ config = [], tls, sentinel, cluster }: RedisOptions = {}): Promise<Redis> {
  const folder = temporaryFolder('redis');
  const port = await freePort();
  const busPort = cluster === true ? await freePort() : 0;
  const lines = [
    ...listening(port, folder, tls),
    `dir ${folder}`,
    ...(sentinel ? [] : ['save ""']),
    ...clusterLines(busPort),
    ...config,
  ];
  const file = fileForServer(folder, 'redis.conf', `${lines.join('\n')}\n`);
  const launch = async (): Promise<ServerProcess> => {
    const args = sentinel ? [file, '--sentinel'] : [file];
    const server = startProcess({
      name: 'redis',
      command: 'redis-server',
      args,
      directory: folder,
      unprivileged: true,
    });
    await waitForPort(port, server);
    return server;
  };
  let server = await launch();
  const url = new URL(`${tls === undefined ? 'redis' : 'rediss'}://127.0.0.1:${port}`);
  const settings: RedisSettings = {
    urls: [url],
    mode: 'single',
    ...(tls && { tls: { ca: readFileSync(tls.pki.caFile, 'utf8') } }),
  };
  return {
    port,
    busPort,
    url,
    command: (...words) => once(settings, (connection) => connection.send('', words)),
    suspend: () => server.signal('SIGSTOP'),
    resume: () => server.signal('SIGCONT'),
    kill: async () => {
      server.signal('SIGKILL');
      await server.stop();
    },
    start: async () => {
      server = await launch();
    },
    stop: () => server.stop(),
    log: () => server.output(),
  };
}

function clusterLines(busPort: number): readonly string[] {
  if (busPort === 0) return [];
  return ['cluster-enabled yes', `cluster-port ${busPort}`, 'cluster-node-timeout 2000'];
}

function listening(port: number, folder: string, tls: RedisOptions['tls']): readonly string[] {
  if (tls === undefined) return [`port ${port}`, 'bind 127.0.0.1'];
  const { certFile, keyFile } = keyPairForServer(folder, tls.certificate ?? tls.pki.server);
  return [
    'port 0',
    'bind 127.0.0.1',
    `tls-port ${port}`,
    `tls-cert-file ${certFile}`,
    `tls-key-file ${keyFile}`,
    'tls-auth-clients no',
    `tls-ca-cert-file ${certFile}`,
  ];
}

async function once<T>(settings: RedisSettings, use: (connection: RedisConnection) => Promise<T>): Promise<T> {
  const connection = await connectRedis(settings, () => undefined);
  try {
    return await use(connection);
  } finally {
    connection.close();
  }
}
