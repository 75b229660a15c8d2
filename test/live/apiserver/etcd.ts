// Starts the etcd that a control plane of the live tests stores in.
import { join } from 'node:path';
import { startProcess } from '../rig/process.ts';
import { temporaryFolder } from '../rig/temp.ts';
import { freePort, waitFor } from '../rig/wait.ts';
import { program } from './programs.ts';

export interface Etcd {
  readonly url: string;
  /** Never throws; a second call does nothing. */
  stop(): Promise<void>;
}

/** One member on a free loopback port, which keeps nothing on disk beyond the test; ready when it resolves. */
export async function startEtcd(): Promise<Etcd> {
  const directory = temporaryFolder('etcd');
  const url = `http://127.0.0.1:${await freePort()}`;
  const server = startProcess({
    name: 'etcd',
    command: program('etcd'),
    directory,
    args: [
      `--data-dir=${join(directory, 'data')}`,
      `--listen-client-urls=${url}`,
      `--advertise-client-urls=${url}`,
      '--listen-peer-urls=http://127.0.0.1:0',
      '--unsafe-no-fsync',
      '--log-level=warn',
    ],
  });
  const ready = async () => {
    if (server.hasExited()) throw new Error(`etcd has ended:\n${server.output()}`);
    const answer = await fetch(`${url}/readyz`).catch(() => undefined);
    return answer?.ok === true || undefined;
  };
  try {
    await waitFor(`etcd at ${url}/readyz`, ready, 30_000);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return { url, stop: () => server.stop() };
}
