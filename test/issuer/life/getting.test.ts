// Who can get an issued token.

import assert from 'node:assert/strict';
import { abstained, rejected, unavailable } from '../../../src/core/verdict.ts';
import { newKey } from '../../../src/issuer/new-key.ts';
import { basic, json, startPortal } from '../../portal/setup.ts';
import { apiServer } from '../../support/apiserver-client.ts';
import { startBroker } from '../../support/broker.ts';
import { startFakeHttp } from '../../support/fake-http.ts';
import { inOrder } from '../../support/settled.ts';
import * as setup from '../setup.ts';
import { everythingOf, LETS_IN, PASSWORD, provesSection } from './sentences.ts';

const { ALICE, HOUR_MS, issuerOf, minted, revocationsPath } = setup;

provesSection('Who can get one', {
  'Whoever the chain of the portal’s endpoint lets in gets one, for exactly the name and the groups that the chain found.':
    async (t) => {
      const portal = await startPortal(t, { check: LETS_IN });
      const { token } = json(await portal.post('/token', PASSWORD));
      const verdict = await portal.issuer.inspect(String(token));
      assert.ok(verdict.kind === 'authenticated');
      const { username, uid, groups } = verdict.value;
      assert.deepEqual({ username, uid, groups }, ALICE);
    },
  'Whom the chain refuses, and whom it cannot tell about, gets none.': async (t) => {
    const verdicts = [rejected('wrong-password'), abstained('unknown-user'), unavailable('timeout')];
    const answers = await inOrder(verdicts, async (verdict) => {
      const portal = await startPortal(t, { check: () => verdict });
      const answer = await portal.post('/token', PASSWORD);
      return [answer.status, 'token' in json(answer)];
    });
    assert.deepEqual(answers, [
      [401, false],
      [401, false],
      [503, false],
    ]);
  },
  'A sign-in asks the upstream, also while reviews are answered from memory: an account that was removed gets none.':
    async (t) => {
      let status = 200;
      const upstream = await startFakeHttp({ handler: () => ({ status }) });
      t.after(() => upstream.close());
      const broker = await startBroker(t, {
        files: { 'k.pem': newKey('EdDSA', (size) => Buffer.alloc(size, 7)).secret },
        config: {
          issuer: {
            name: setup.NAME,
            audience: setup.AUDIENCE,
            keys: [{ id: 'k', algorithm: 'EdDSA', privateKey: { file: 'k.pem' } }],
          },
          portal: { address: '127.0.0.1:0', signIn: { password: {} } },
          providers: [
            { name: 'web', type: 'http-basic', options: { url: `${upstream.origin}/`, canary: false } },
            { name: 'issued', type: 'issued' },
          ],
        },
      });
      const portal = apiServer(`http://${broker.portal}`);
      t.after(() => portal.close());
      assert.equal((await broker.review('wanda:web-pass')).authenticated, true);
      status = 403;
      assert.equal((await broker.review('wanda:web-pass')).authenticated, true, 'from memory');
      assert.equal((await portal.send('/token', { headers: basic('wanda', 'web-pass') })).status, 401);
    },
  'Who is revoked while the password is being checked gets none.': async (t) => {
    const { issuer, clock } = issuerOf({ revocationsFile: revocationsPath(t) });
    const moment = await issuer.moment();
    assert.ok(!('kind' in moment));
    clock.step(1000);
    await issuer.revoke(everythingOf(clock.now()));
    const issued = await issuer.issue({ holder: ALICE, endpoint: setup.ENDPOINT, lifetimeMs: HOUR_MS, moment });
    assert.equal('kind' in issued && issued.reason, 'revoked-meanwhile');
  },
  'It has the groups of the sign-in until it ends.': async () => {
    const { issuer, clock } = issuerOf();
    const { token } = await minted(issuer);
    clock.step(HOUR_MS - 1000);
    const verdict = await issuer.verify(setup.bearer(token), setup.ENDPOINT);
    assert.deepEqual(verdict.kind === 'authenticated' && verdict.value.attributes['groups'], ALICE.groups);
  },
});
