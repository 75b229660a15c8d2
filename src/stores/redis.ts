// One connection to Valkey or Redis: a single server, the master that Sentinel names, or a cluster.

import { createClient, createCluster, type RedisClientOptions } from '@redis/client';
import type { Secret } from '../core/secret.ts';
import { tlsOptions, type UpstreamTls } from '../upstream/http/tls.ts';

export interface RedisSettings {
  /** `redis:` or `rediss:` with host and port, tried in this order; of Sentinel processes in mode `sentinel`. */
  readonly urls: readonly URL[];
  readonly mode: 'single' | 'sentinel' | 'cluster';
  /** What Sentinel calls the master. */
  readonly masterName?: string;
  readonly username?: string;
  readonly password?: Secret;
  readonly tls?: UpstreamTls;
}

export interface RedisConnection {
  /** Sends one command; a cluster finds the node by `key`. Rejects with the server's error, or when the connection is gone. */
  readonly send: (key: string, command: readonly string[]) => Promise<unknown>;
  /** Calls `heard` with every message of the channel, over a connection of its own. */
  subscribe(channel: string, heard: (message: string) => void): Promise<void>;
  close(): void;
}

/** Longer than any network between a broker and its store takes. */
const CONNECT_TIMEOUT_MS = 1000;
/** What may wait for an answer; a server that answers nothing must not fill the memory. */
const QUEUED_COMMANDS = 5000;

/**
 * Connects once and tries nothing again by itself; `lost` is called when the connection ends, at most once. Rejects with the
 * error of the last address.
 */
export async function connectRedis(settings: RedisSettings, lost: () => void): Promise<RedisConnection> {
  if (settings.mode === 'cluster') return connectCluster(settings);
  const urls = settings.mode === 'sentinel' ? [await masterOf(settings)] : settings.urls;
  return firstOf(urls, (url) => connectServer(url, settings, lost));
}

async function firstOf<T>(urls: readonly URL[], connect: (url: URL) => Promise<T>): Promise<T> {
  let failure: unknown = new TypeError('no address');
  for (const url of urls) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- the next address is for when this one does not answer
      return await connect(url);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

async function connectServer(url: URL, settings: RedisSettings, lost: () => void): Promise<RedisConnection> {
  const client = createClient({ ...clientOptions(settings), url: url.href });
  let listener: ReturnType<typeof client.duplicate> | undefined;
  // Every error ends the connection, since it is not made again here; node-redis asks for a listener.
  client.on('error', lost);
  try {
    await client.connect();
  } catch (error) {
    client.destroy();
    throw error;
  }
  return {
    send: (_key, command) => client.sendCommand(command),
    subscribe: async (channel, heard) => {
      listener = client.duplicate();
      listener.on('error', lost);
      await listener.connect();
      await listener.subscribe(channel, heard);
    },
    close: () => {
      for (const open of [client, listener]) open?.destroy();
    },
  };
}

/** Sentinel may have no password although the servers have one; then it is asked without. */
async function masterOf(settings: RedisSettings): Promise<URL> {
  const { masterName = '', urls } = settings;
  return firstOf(urls, async (url) => {
    const address = await askSentinel(url, settings, masterName).catch((error: unknown) => {
      if (settings.password === undefined || !isAuthFault(error)) throw error;
      const { password: _password, username: _username, ...anonymous } = settings;
      return askSentinel(url, anonymous, masterName);
    });
    const [host, port] = Array.isArray(address) ? address.map(String) : [];
    if (host === undefined || port === undefined) throw new TypeError(`Sentinel knows no master ${masterName}`);
    return new URL(`${url.protocol}//${host.includes(':') ? `[${host}]` : host}:${port}`);
  });
}

async function askSentinel(url: URL, settings: RedisSettings, masterName: string): Promise<unknown> {
  const client = createClient({ ...clientOptions(settings), url: url.href });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await client.sendCommand(['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', masterName]);
  } finally {
    client.destroy();
  }
}

function isAuthFault(error: unknown): boolean {
  return error instanceof Error && /^(?:WRONGPASS|ERR AUTH|ERR .*without any password)/.test(error.message);
}

/** A cluster's nodes come and go while it is in use, so here the client itself connects again, one node at a time. */
async function connectCluster(settings: RedisSettings): Promise<RedisConnection> {
  const cluster = createCluster({
    rootNodes: settings.urls.map(({ href }) => ({ url: href })),
    defaults: clientOptions(settings, (retries) => Math.min(2000, 100 * 2 ** retries) * (0.5 + Math.random() / 2)),
    minimizeConnections: true,
    maxCommandRedirections: 3,
  });
  cluster.on('error', () => undefined);
  try {
    await cluster.connect();
  } catch (error) {
    cluster.destroy();
    throw error;
  }
  return {
    send: (key, command) => cluster.sendCommand(key, false, [...command]),
    subscribe: async (channel, heard) => {
      await cluster.subscribe(channel, heard);
    },
    close: () => cluster.destroy(),
  };
}

function clientOptions(
  { username, password, tls, urls }: RedisSettings,
  reconnectStrategy: false | ((retries: number) => number) = false,
): RedisClientOptions {
  const isTls = urls.some(({ protocol }) => protocol === 'rediss:');
  return {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password: password.reveal() }),
    disableOfflineQueue: true,
    commandsQueueMaxLength: QUEUED_COMMANDS,
    maintNotifications: 'disabled',
    socket: {
      connectTimeout: CONNECT_TIMEOUT_MS,
      reconnectStrategy,
      ...(isTls && { tls: true as const, ...tlsOptions(tls) }),
    },
  };
}
