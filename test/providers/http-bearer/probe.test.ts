// `check --connect` for http-bearer: what each step finds.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { httpBearer } from '../../../providers/http-bearer.ts';
import type { ProbeStep } from '../../../src/core/provider.ts';
import type { FakeAnswer } from '../../support/fake-http.ts';
import { startFakeHttp } from '../../support/fake-http.ts';
import { optionsOf } from '../../support/options.ts';
import { deadline } from '../../support/patience.ts';
import { testSeams } from '../../support/seams.ts';
import { json } from './setup.ts';

const FILES = { '/etc/broker/secret': 'client-secret' };
const refused = json({}, {}, 401);

const rows: readonly { name: string; user: FakeAnswer; app?: FakeAnswer; want: readonly string[] }[] = [
  { name: 'all is well', user: refused, app: json({ ours: false }), want: ['ok', 'ok'] },
  { name: 'anybody is let in', user: json({ id: 7 }), app: json({}, {}, 404), want: ['failed accepts-anything', 'ok'] },
  { name: 'the client is refused', user: refused, app: json({}, {}, 401), want: ['ok', 'failed client-refused'] },
  { name: 'a random token is ours', user: refused, app: json({ ours: true }), want: ['ok', 'failed accepts-anything'] },
  {
    name: 'the address is wrong',
    user: json({}, {}, 404),
    app: json({}, {}, 404),
    want: ['failed unexpected-status', 'ok'],
  },
  { name: 'no proof is asked for', user: refused, want: ['ok', 'warning'] },
];

void describe('a probe where', () => {
  for (const { name, user, app, want } of rows) {
    void test(name, async (t) => {
      const upstream = await startFakeHttp({ handler: ({ path }) => (path === '/user' ? user : (app ?? refused)) });
      t.after(() => upstream.close());
      const request = { url: `${upstream.origin}/app`, clientID: 'broker', clientSecret: { file: 'secret' } };
      const given = {
        requests: [{ name: 'user', url: `${upstream.origin}/user` }],
        ...(app === undefined ? { anyAudience: true } : { proof: { request, expression: 'answer.body.ours == true' } }),
        canary: false,
      };
      const provider = httpBearer.open(optionsOf(httpBearer, given, FILES), testSeams());
      const steps: ProbeStep[] = [];
      await provider.probe((step) => void steps.push(step), deadline(2500));
      await provider.close();
      const told = steps.map(({ result, reason }) => (reason === undefined ? result : `${result} ${reason}`));
      assert.deepEqual(told.slice(-2), want, JSON.stringify(steps));
    });
  }
});
