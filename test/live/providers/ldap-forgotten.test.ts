// Kept connections to a real OpenLDAP that swallow everything, as after a firewall has forgotten them: logins go on.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { patient } from '../../support/patience.ts';
import { type Forgetful, socatMissing, startForgetful } from '../rig/forgetful.ts';
import { makePki, type Pki } from '../rig/pki.ts';
import { type Slapd, slapdMissing, startSlapd } from '../rig/slapd.ts';
import { SERVICE } from '../rig/slapd-data.ts';
import { temporaryFolder } from '../rig/temp.ts';
import { ldapProvider } from '../support/broker-providers.ts';
import { inFlight } from '../support/in-flight.ts';
import { withBroker } from './recipe.ts';

/** As many at once fill both pools with their ten connections. */
const AT_ONCE = 20;
const BACK_WITHIN_MS = 5000;

void describe('ldap with connections that swallow everything', { skip: slapdMissing() || socatMissing() }, () => {
  let pki: Pki;
  let slapd: Slapd;
  let way: Forgetful;
  before(async () => {
    pki = makePki(temporaryFolder('forgotten-pki'));
    slapd = await startSlapd({ pki, users: 60 });
    way = await startForgetful(slapd.ldapsPort);
  });
  after(async () => {
    await way?.stop();
    await slapd?.stop();
  });

  void test('at most one of the logins after it fails, and all are let in again within 5 s', async (t) => {
    const entry = ldapProvider(slapd);
    const options = {
      ...entry.options,
      urls: [`ldaps://127.0.0.1:${way.port}`],
      bind: { dn: SERVICE.dn, password: { env: 'SERVICE' } },
    };
    await withBroker([{ ...entry, options }], SERVICE.password, async ({ login }) => {
      const outcomes = (from: number, count: number, atOnce: number) =>
        inFlight(
          Array.from({ length: count }, (_, index) => `user${from + index}:pw-user${from + index}`),
          atOnce,
          async (token) => (await login(token)).split(' ')[0],
        );
      assert.deepEqual(new Set(await outcomes(0, AT_ONCE, AT_ONCE)), new Set(['authenticated']));
      const forgotten = way.forget();
      const startedMs = performance.now();
      const first = await outcomes(AT_ONCE, 2, 1);
      const backMs = performance.now() - startedMs;
      const rest = await outcomes(AT_ONCE + 2, AT_ONCE, AT_ONCE);
      t.diagnostic(`${forgotten} connections forgotten; ${first.join(', ')} after ${Math.round(backMs)} ms`);
      assert.ok(forgotten >= 2, `${forgotten} connections`);
      assert.ok(first.filter((outcome) => outcome !== 'authenticated').length <= 1, first.join(', '));
      assert.equal(first.at(-1), 'authenticated');
      assert.ok(backMs < patient(BACK_WITHIN_MS), `${backMs} ms`);
      assert.deepEqual(new Set(rest), new Set(['authenticated']));
    });
  });
});
