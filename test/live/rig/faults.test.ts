// Proves that the misbehaving proxy misbehaves as told, seen from a client on the other side of it.
import assert from 'node:assert/strict';
import { connect, createServer, type Socket } from 'node:net';
import { after, before, beforeEach, describe, test } from 'node:test';
import { type Fault, type FaultyProxy, startFaultyProxy } from './faults.ts';
import { waitFor } from './wait.ts';

const ANSWER = 'the answer of the server\n';
const server = createServer((socket: Socket) => {
  socket.on('error', () => socket.destroy());
  socket.on('data', () => socket.write(ANSWER));
});

/** What one client sees that asks once: the text it got before the end, and how the connection ended. */
function ask(port: number, patienceMs: number): Promise<{ text: string; end: string; ms: number }> {
  return new Promise((resolve) => {
    const begun = performance.now();
    let text = '';
    const socket = connect(port, '127.0.0.1', () => socket.write('question'));
    const finish = (end: string) => {
      socket.destroy();
      resolve({ text, end, ms: performance.now() - begun });
    };
    socket.setTimeout(patienceMs, () => finish('silence'));
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text === ANSWER) finish('answered');
    });
    socket.on('end', () => finish('closed'));
    socket.on('error', (error: NodeJS.ErrnoException) => finish(error.code ?? 'error'));
  });
}

void describe('the misbehaving proxy', () => {
  let proxy: FaultyProxy;
  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  beforeEach(async () => {
    const address = server.address();
    proxy = await startFaultyProxy(typeof address === 'object' && address !== null ? address.port : 0);
  });
  after(() => server.close());

  const rows: readonly { readonly name: string; readonly given: Fault; readonly want: readonly [string, string] }[] = [
    { name: 'passes question and answer', given: { kind: 'pass' }, want: [ANSWER, 'answered'] },
    { name: 'refuses connections', given: { kind: 'refuse' }, want: ['', 'ECONNREFUSED'] },
    { name: 'accepts and stays silent', given: { kind: 'hang' }, want: ['', 'silence'] },
    { name: 'drips the whole answer', given: { kind: 'drip', everyMs: 5 }, want: [ANSWER, 'answered'] },
    {
      name: 'resets in the middle of an answer',
      given: { kind: 'reset', afterBytes: 10 },
      want: ['the answer', 'ECONNRESET'],
    },
    { name: 'resets before an answer', given: { kind: 'reset', afterBytes: 0 }, want: ['', 'ECONNRESET'] },
    { name: 'closes the first of two connections', given: { kind: 'closeHalf' }, want: ['', 'closed'] },
    { name: 'delays the answer', given: { kind: 'delay', delayMs: 50 }, want: [ANSWER, 'answered'] },
  ];
  for (const { name, given, want } of rows) {
    void test(name, async () => {
      await proxy.set(given);
      const { text, end } = await ask(proxy.port, 300);
      assert.deepEqual([text, end], want);
      await proxy.stop();
    });
  }

  void test('takes at least as long as it was told to drip and to delay', async () => {
    await proxy.set({ kind: 'drip', everyMs: 5 });
    assert.ok((await ask(proxy.port, 1000)).ms >= (ANSWER.length - 1) * 4);
    await proxy.set({ kind: 'delay', delayMs: 50 });
    assert.ok((await ask(proxy.port, 1000)).ms >= 49);
    await proxy.stop();
  });

  void test('is switched while it runs, on one port, and counts connections', async () => {
    await proxy.set({ kind: 'refuse' });
    assert.equal((await ask(proxy.port, 300)).end, 'ECONNREFUSED');
    await proxy.set({ kind: 'closeHalf' });
    assert.equal((await ask(proxy.port, 300)).end, 'closed');
    assert.equal((await ask(proxy.port, 300)).end, 'answered');
    assert.equal(proxy.connections(), 2);
    await proxy.stop();
  });

  void test('resets connections that are open, and has seen every byte', async () => {
    const socket = connect(proxy.port, '127.0.0.1', () => socket.write('a secret'));
    const error = new Promise<NodeJS.ErrnoException>((resolve) => socket.once('error', resolve));
    await waitFor('the bytes', () => (proxy.sentByServer().includes(ANSWER) ? true : undefined));
    assert.equal(proxy.openConnections(), 1);
    proxy.resetAll();
    assert.equal((await error).code, 'ECONNRESET');
    assert.equal(proxy.sentByClients().toString(), 'a secret');
    await proxy.stop();
  });
});
