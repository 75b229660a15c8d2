// Draining: no request that can be answered fails, and everything ends in time.

import assert from 'node:assert/strict';
import { Agent, request as httpRequest, type RequestListener } from 'node:http';
import { text } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { type DrainTimes, drain } from '../../src/server/drain.ts';
import type { Listener } from '../../src/server/listener.ts';
import { settled } from '../support/fake-clock.ts';
import { rawConnection } from '../support/raw-http.ts';
import { inOrder, until } from '../support/settled.ts';
import { answerOk, GET, startListener } from './setup.ts';

const TIMES: DrainTimes = { acceptMs: 1, lingerMs: 2, finishMs: 3 };

/** Time goes on when the test says so; each phase waits for its own length. */
function phases() {
  const waiting = new Map<number, () => void>();
  return {
    wait: (durationMs: number) => new Promise<void>((resolve) => waiting.set(durationMs, resolve)),
    end: async (durationMs: number) => {
      await until(`the phase of ${durationMs}`, () => waiting.has(durationMs));
      waiting.get(durationMs)?.();
      await settled();
    },
  };
}

async function startDraining(t: { after(hook: () => void): void }, handler: RequestListener = answerOk) {
  const listener = await startListener(t, undefined, handler);
  const { wait, end } = phases();
  return {
    port: listener.address.port,
    end,
    drain: () => drain([listener], TIMES, wait),
  };
}

const isRefused = (port: number): Promise<boolean> =>
  rawConnection(port).then(
    ({ socket }) => {
      socket.destroy();
      return false;
    },
    () => true,
  );

void describe('the phases', () => {
  void test('first it still accepts, and asks to close', async (t) => {
    const { port, end, drain: begin } = await startDraining(t);
    const drained = begin();
    const connection = await rawConnection(port);
    connection.write(GET);
    assert.match(await connection.closed(), /^HTTP\/1\.1 200 [\s\S]*connection: close/i);
    await end(TIMES.acceptMs);
    assert.equal(await isRefused(port), true);
    await drained;
  });
  void test('then a kept connection may send its last request', async (t) => {
    const { port, end, drain: begin } = await startDraining(t);
    const kept = await rawConnection(port);
    kept.write(GET);
    assert.doesNotMatch((await kept.answers(1))[0]?.headers.get('connection') ?? '', /close/);
    const drained = begin();
    await end(TIMES.acceptMs);
    kept.write(GET);
    const [, last] = await kept.answers(2);
    assert.deepEqual([last?.status, last?.headers.get('connection')], [200, 'close']);
    await kept.closed();
    await drained;
  });
  void test('then what idles is cut, and what is being answered is not', async (t) => {
    const answer = Promise.withResolvers<void>();
    let isAsked = false;
    const under = await startDraining(t, (request, response) => {
      if (request.url !== '/slow') return answerOk(request, response);
      isAsked = true;
      void answer.promise.then(() => answerOk(request, response));
    });
    const { port, end, drain: begin } = under;
    const [idle, busy] = [await rawConnection(port), await rawConnection(port)];
    idle.write(GET);
    await idle.answers(1);
    busy.write(GET.replace('/', '/slow'));
    await until('it is being answered', () => isAsked);
    const drained = begin();
    await end(TIMES.acceptMs);
    assert.equal(idle.socket.destroyed, false);
    await end(TIMES.lingerMs);
    await idle.closed();
    answer.resolve();
    assert.match(await busy.closed(), /^HTTP\/1\.1 200 [\s\S]*connection: close/i, 'asked before the drain began');
    await drained;
  });
  void test('at last everything is cut', async (t) => {
    const { port, end, drain: begin } = await startDraining(t, () => undefined);
    const hung = await rawConnection(port);
    hung.write(GET);
    await settled();
    const drained = begin();
    await end(TIMES.acceptMs);
    await end(TIMES.lingerMs);
    assert.equal(hung.socket.destroyed, false);
    await end(TIMES.finishMs);
    assert.equal(await hung.closed(), '');
    await drained;
  });
});

void test('twenty clients that keep their connections and never pause: no request fails', async (t) => {
  const { port, end, drain: begin } = await startDraining(t);
  const agent = new Agent({ keepAlive: true, maxSockets: 20 });
  t.after(() => agent.destroy());
  const failures: unknown[] = [];
  let isStopping = false;
  let answered = 0;
  const client = async (): Promise<void> => {
    await inOrder(Array.from({ length: 2000 }), async () => {
      if (isStopping) return;
      await get(port, agent).then(
        () => (answered += 1),
        (error: unknown) => failures.push(error),
      );
    });
  };
  const clients = Array.from({ length: 20 }, client);
  await until('they are at work', () => answered > 100);
  const drained = begin();
  const before = answered;
  await until('they go on while it accepts', () => answered > before + 100);
  // Clients go elsewhere once it is not ready; what they have sent until then is answered.
  isStopping = true;
  await end(TIMES.acceptMs);
  await Promise.all([...clients, drained]);
  assert.deepEqual(failures, []);
});

void test('it waits for every listener', async () => {
  const closings = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const calls: string[] = [];
  const listeners = closings.map(({ promise }, index): Listener => {
    const call = (name: string) => () => void calls.push(`${name} ${index}`);
    const stopAccepting = async () => void calls.push(`stopAccepting ${index}`);
    return {
      address: { host: '', port: 0 },
      setTls: call('setTls'),
      retire: call('retire'),
      stopAccepting,
      closed: promise,
      closeIdle: call('closeIdle'),
      closeAll: call('closeAll'),
    };
  });
  let isDrained = false;
  const drained = drain(listeners, TIMES, () => Promise.resolve()).then(() => (isDrained = true));
  await settled();
  const all = [
    'retire 0',
    'retire 1',
    'stopAccepting 0',
    'stopAccepting 1',
    'closeIdle 0',
    'closeIdle 1',
    'closeAll 0',
    'closeAll 1',
  ];
  assert.deepEqual(calls, all);
  closings[0]?.resolve();
  await settled();
  assert.equal(isDrained, false);
  closings[1]?.resolve();
  await drained;
});

function get(port: number, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ port, host: '127.0.0.1', agent }, (response) => {
      text(response).then(resolve, reject);
    });
    sent.on('error', reject);
    sent.end();
  });
}
