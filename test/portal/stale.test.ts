// During an outage a verdict past its time may still answer reviews; it never becomes a token.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { newKey } from '../../src/issuer/new-key.ts';
import { apiServer } from '../support/apiserver-client.ts';
import { startBroker } from '../support/broker.ts';
import { startFakeHttp } from '../support/fake-http.ts';
import { basic } from './setup.ts';

void test('a stale verdict lets a review in, and issues nothing', async (t) => {
  const upstream = await startFakeHttp({ handler: () => ({ status: 200 }) });
  t.after(() => upstream.close());
  const keys = [{ id: 'k', algorithm: 'EdDSA', privateKey: { file: 'k.pem' } }];
  const broker = await startBroker(t, {
    files: { 'k.pem': newKey('EdDSA', randomBytes).secret },
    config: {
      cache: { authenticatedTTL: '60s', staleOnUnavailable: '1h' },
      issuer: { name: 'https://broker.corp.example', audience: 'kubernetes', keys },
      portal: { address: '127.0.0.1:0', signIn: { password: {} } },
      providers: [
        { name: 'web', type: 'http-basic', options: { url: `${upstream.origin}/`, canary: false } },
        { name: 'issued', type: 'issued' },
      ],
    },
  });
  const portal = apiServer(`http://${broker.portal}`);
  t.after(() => portal.close());
  const signIn = async () => (await portal.send('/token', { headers: basic('wanda', 'web-pass') })).status;
  assert.equal(await signIn(), 200);
  await upstream.breakWith('refuses connections');
  broker.process.later(120_000);
  assert.equal((await broker.review('wanda:web-pass')).authenticated, true);
  assert.equal(await signIn(), 503);
  assert.equal(broker.logged('token unavailable')[0]?.['reason'], 'connection-refused');
});
