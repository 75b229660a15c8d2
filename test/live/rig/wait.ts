// Free ports, and waiting for what is true instead of for time to pass.
import { connect, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { patient } from '../../support/patience.ts';
import type { ServerProcess } from './process.ts';

const given = new Set<number>();

/**
 * A loopback port for a server that cannot be asked to listen on port 0. Chosen below the kernel's ephemeral range
 * (32768 and up), so that no outgoing connection takes it before, or between a stop and a start of, its server.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const port = 11_000 + Math.floor(Math.random() * 20_000);
    if (given.has(port)) continue;
    // oxlint-disable-next-line no-await-in-loop -- one candidate after the other
    if (!(await canListen(port))) continue;
    given.add(port);
    return port;
  }
  throw new Error('no free port on 127.0.0.1 between 11000 and 31000');
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** Polls until the probe yields something other than undefined, for `timeoutMs` of an idle machine; the error says what for. */
export async function waitFor<T>(
  what: string,
  probe: () => Promise<T | undefined> | T | undefined,
  timeoutMs = 15_000,
): Promise<T> {
  const deadline = performance.now() + patient(timeoutMs);
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- a poll is sequential by nature
    const found = await probe();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`waited ${patient(timeoutMs)} ms in vain for ${what}`);
    // oxlint-disable-next-line no-await-in-loop -- a poll is sequential by nature
    await delay(10);
  }
}

/** Resolves when the server accepts connections; fails with its log as soon as it has exited. */
export async function waitForPort(port: number, server: ServerProcess, timeoutMs = 15_000): Promise<void> {
  await waitFor(
    `port ${port}`,
    async () => {
      if (server.hasExited()) throw new Error(`the server for port ${port} has ended:\n${server.output()}`);
      return (await canConnect(port)) || undefined;
    },
    timeoutMs,
  );
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
