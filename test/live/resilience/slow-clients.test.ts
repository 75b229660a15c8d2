// Clients that hold connections and say little: cut off in time, while everybody else is served as before.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { tokenReview } from '../../support/apiserver-client.ts';
import { usersFile } from '../../support/users-file.ts';
import { waitFor } from '../rig/wait.ts';
import { inFlight } from '../support/in-flight.ts';
import { goClient } from './support/go-client.ts';
import { slowestMs, startLoad, tally } from './support/load.ts';
import { authority, type Program, type ProgramSpec, startProgram } from './support/program.ts';

/** Each takes a file descriptor of this process and one of the program; some are needed for other things. */
const DESCRIPTORS = Number(execFileSync('sh', ['-c', 'ulimit -n']).toString()) || Infinity;
const WANTED = Number(process.env['IDLE_CONNECTIONS'] ?? 5000);
const IDLE = { none: Math.min(WANTED, DESCRIPTORS - 200), server: Math.min(WANTED / 5, DESCRIPTORS - 200) };
/** Headers within 10 s, the whole request within 15 s, looked at once a second; and a busy machine. */
const CUT_WITHIN_MS = 20_000;
const MIB = 1_048_576;

const HEAD = 'POST /authenticate HTTP/1.1\r\nHost: broker\r\nContent-Type: application/json\r\n';

function start(tls: ProgramSpec['tls']): Promise<Program> {
  const files = { 'users.yaml': usersFile({ username: 'alice', password: 'wonderland' }) };
  const providers = [{ name: 'staff', type: 'users', options: { file: 'users.yaml' } }];
  return startProgram({ files, tls: tls ?? 'none', config: { providers, log: { level: 'warn' } } });
}

/** Resolves once it is connected; `ended` says how it ended. */
function dial(program: Program, isSecure: boolean): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const at = { port: program.webhookPort, host: '127.0.0.1' };
    const socket = isSecure ? connectTls({ ...at, ca: authority.cert, servername: 'localhost' }) : connect(at);
    socket.once(isSecure ? 'secureConnect' : 'connect', () => resolve(socket));
    socket.once('error', reject);
    socket.resume();
  });
}

/** Sends a byte of the text twice a second until the server has had enough; resolves to how long that took. */
async function drip(socket: Socket, text: string): Promise<number> {
  const beganMs = performance.now();
  let sent = 0;
  socket.on('error', () => socket.destroy());
  const timer = setInterval(() => socket.write(text.charAt(sent++ % text.length)), 500);
  await new Promise((resolve) => void socket.once('close', resolve));
  clearInterval(timer);
  return performance.now() - beganMs;
}

void describe('clients that take their time', { concurrency: false }, () => {
  for (const tls of ['none', 'server'] as const) {
    const isSecure = tls === 'server';
    const how = isSecure ? 'over TLS' : 'in clear';

    void it(`${how}: drips of headers and bodies, and handshakes that never begin, end within 20 s; others are served meanwhile`, {
      timeout: 60_000,
    }, async (t) => {
      const program = await start(tls);
      t.after(() => program.stop());
      const client = goClient({ port: () => program.webhookPort, ...(isSecure && { tls: { ca: authority.cert } }) });
      t.after(() => client.close());
      const load = startLoad(t, client, 50, () => 'alice:wonderland');
      const opened = await inFlight(Array.from({ length: 40 }), 10, () => dial(program, isSecure));
      const body = tokenReview('alice:wonderland');
      const whole = `${HEAD}Content-Length: ${body.length}\r\n\r\n`;
      const silent = isSecure ? [await dial(program, false)] : [];
      const took = await Promise.all([
        ...opened.slice(0, 20).map((socket) => drip(socket, `${HEAD}X-A: ${'x'.repeat(1000)}`)),
        ...opened.slice(20).map((socket) => {
          socket.write(whole);
          return drip(socket, body.slice(0, 10));
        }),
        ...silent.map((socket) => drip(socket, '')),
      ]);
      const answers = await load.stop();
      t.diagnostic(
        `cut off after ${(Math.min(...took) / 1000).toFixed(1)} to ${(Math.max(...took) / 1000).toFixed(1)} s`,
      );
      t.diagnostic(`${JSON.stringify(tally(answers))}, slowest ${slowestMs(answers).toFixed(0)} ms`);
      assert.ok(Math.max(...took) < CUT_WITHIN_MS);
      assert.deepEqual(Object.keys(tally(answers)), ['authenticated']);
      assert.ok(slowestMs(answers) < 5000);
    });

    void it(`${how}: ${IDLE[tls]} idle connections cost nobody an answer, and little memory`, {
      timeout: 120_000,
    }, async (t) => {
      const program = await start(tls);
      t.after(() => program.stop());
      const client = goClient({ port: () => program.webhookPort, ...(isSecure && { tls: { ca: authority.cert } }) });
      t.after(() => client.close());
      const load = startLoad(t, client, 50, () => 'alice:wonderland');
      const opened = await inFlight(Array.from({ length: IDLE[tls] }), 50, () => dial(program, isSecure));
      await waitFor('logins beside them', () => load.answers().length > 200 || undefined);
      const fds = await program.metric('process_open_fds');
      const rssMiB = (await program.metric('process_resident_memory_bytes')) / MIB;
      assert.ok(
        opened.every((socket) => !socket.destroyed),
        'who has dialled ahead may still ask',
      );
      for (const socket of opened) socket.destroy();
      await waitFor('the descriptors to be given back', async () =>
        (await program.metric('process_open_fds')) < 100 ? true : undefined,
      );
      const answers = await load.stop();
      t.diagnostic(
        `${fds} descriptors, ${rssMiB.toFixed(0)} MiB; ${JSON.stringify(tally(answers))}, slowest ${slowestMs(answers).toFixed(0)} ms`,
      );
      assert.ok(rssMiB <= 256, `${rssMiB} MiB`);
      assert.deepEqual(Object.keys(tally(answers)), ['authenticated']);
      assert.ok(slowestMs(answers) < 5000);
    });
  }
});
