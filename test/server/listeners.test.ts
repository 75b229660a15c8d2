// Listeners open together or not at all, with one sentence why.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { listen } from '../../src/server/listener.ts';
import { ListenFailed, openListeners } from '../../src/server/listeners.ts';
import { answerOk, LOOPBACK, startListener } from './setup.ts';

const plan = (address = LOOPBACK) => ({ address, handlers: { http1: answerOk } });

void test('all of them, in the order planned', async () => {
  const listeners = await openListeners([plan(), plan()]);
  assert.equal(new Set(listeners.map(({ address }) => address.port)).size, 2);
  await Promise.all(listeners.map((listener) => listener.stopAccepting()));
  await Promise.all(listeners.map(({ closed }) => closed));
});

void test('when one fails, those that were open are closed', async (t) => {
  const taken = await startListener(t);
  const probe = await listen(LOOPBACK, undefined, { http1: answerOk });
  await probe.stopAccepting();
  await probe.closed;
  await assert.rejects(openListeners([plan(probe.address), plan(taken.address)]), ListenFailed);
  const again = await listen(probe.address, undefined, { http1: answerOk });
  await again.stopAccepting();
  await again.closed;
});

void describe('why', () => {
  const rows: { name: string; given: string; want: RegExp }[] = [
    {
      name: 'no such address',
      given: '192.0.2.1',
      want: /^cannot listen on 192\.0\.2\.1:0: this machine has no such address$/,
    },
    {
      name: 'no such name',
      given: 'no-such-host.invalid',
      want: /^cannot listen on no-such-host\.invalid:0: the host name does not resolve$/,
    },
  ];
  for (const { name, given, want } of rows) {
    void test(name, () => assert.rejects(openListeners([plan({ host: given, port: 0 })]), { message: want }));
  }
  void test('the port is in use', async (t) => {
    const { address } = await startListener(t);
    const message = `cannot listen on 127.0.0.1:${address.port}: the port is in use; stop the other program or change the address`;
    await assert.rejects(openListeners([plan(address)]), { message });
  });
});
