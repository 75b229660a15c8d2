// A reload in the middle of an outage: what the old configuration still finds out says nothing about the new one.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startBroker } from '../support/broker.ts';
import { until } from '../support/settled.ts';
import { startUpstreams } from './upstreams.ts';

const PEOPLE = ['a', 'b', 'c', 'd', 'e', 'f'];

void test('reviews of before that fail after a reload leave the circuit of the new configuration closed, and shown so', async (t) => {
  const upstreams = await startUpstreams(t, { web: { wanda: 'web-pass' } });
  const { web, entries, given } = upstreams;
  const broker = await startBroker(t, { ...given, config: { providers: [entries.web] } });
  await web.breakWith('hangs');
  const hung = PEOPLE.map((name) => broker.review(`${name}:x`));
  await until('the upstream is asked', () => web.exchanges() === PEOPLE.length);
  broker.configure({ providers: [entries.web], cache: { maxEntries: 500 } });
  broker.process.signal('SIGHUP');
  await web.breakWith('refuses connections');
  for (const { error } of await Promise.all(hung)) assert.match(error ?? '', /unavailable/);
  await web.breakWith(undefined);
  assert.equal((await broker.review('wanda:web-pass')).authenticated, true);
  assert.match((await broker.get('/metrics')).text, /^authbroker_provider_circuit_state\{provider="web"\} 0$/m);
  assert.match((await broker.get('/readyz?verbose')).text, /^\[\+\]provider\/web ok$/m);
});
