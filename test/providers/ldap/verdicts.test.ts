// Every answer to a user's bind, and what it means.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bindVerdict } from '../../../providers/ldap/verdicts.ts';
import { decodeResponse, type LdapResult } from '../../../src/upstream/ldap/message.ts';
import { encodeResult, type FakeResult, policyControl } from '../../support/fake-ldap-codec.ts';
import { outcome } from './open-ldap.ts';

function resultOf(result: FakeResult): LdapResult {
  const response = decodeResponse(encodeResult(1, 'bind', result));
  assert.ok(response?.op === 'bind');
  return response.result;
}

const ad = (data: string): FakeResult => ({
  code: 49,
  diagnostic: `80090308: LdapErr: DSID-0C090447, comment: AcceptSecurityContext error, data ${data}, v3839\0`,
});

const rows: readonly { name: string; given: FakeResult; want: string; isKnown?: boolean }[] = [
  { name: 'success', given: { code: 0 }, want: 'proved' },
  { name: 'invalidCredentials', given: { code: 49 }, want: 'rejected wrong-password' },
  {
    name: 'invalidCredentials for somebody whose entry was not seen',
    isKnown: false,
    given: { code: 49 },
    want: 'abstained not-authenticated',
  },
  { name: 'unwillingToPerform', given: { code: 53 }, want: 'rejected forbidden' },
  { name: 'constraintViolation, as 389 DS says locked', given: { code: 19 }, want: 'rejected account-locked' },
  { name: 'insufficientAccessRights', given: { code: 50 }, want: 'rejected forbidden' },
  { name: 'AD 525', given: ad('525'), want: 'abstained unknown-user' },
  { name: 'AD 52e', given: ad('52e'), want: 'rejected wrong-password', isKnown: false },
  { name: 'AD 52E in upper case', given: ad('52E'), want: 'rejected wrong-password' },
  { name: 'AD 530', given: ad('530'), want: 'rejected logon-restricted' },
  { name: 'AD 531', given: ad('531'), want: 'rejected logon-restricted' },
  { name: 'AD 532', given: ad('532'), want: 'rejected password-expired' },
  { name: 'AD 533', given: ad('533'), want: 'rejected account-disabled' },
  { name: 'AD 701', given: ad('701'), want: 'rejected account-expired' },
  { name: 'AD 773', given: ad('773'), want: 'rejected password-must-change' },
  { name: 'AD 775', given: ad('775'), want: 'rejected account-locked' },
  { name: 'AD, a sub-code nobody knows', given: ad('80c'), want: 'rejected wrong-password' },
  { name: 'policy: expired', given: { code: 49, controls: policyControl(0) }, want: 'rejected password-expired' },
  { name: 'policy: locked', given: { code: 49, controls: policyControl(1) }, want: 'rejected account-locked' },
  {
    name: 'policy: must change, although the password is right',
    given: { code: 0, controls: policyControl(2) },
    want: 'rejected password-must-change',
  },
  { name: 'policy: something about new passwords', given: { code: 0, controls: policyControl(8) }, want: 'proved' },
  {
    name: 'policy control that is nonsense',
    given: { code: 0, controls: { '1.3.6.1.4.1.42.2.27.8.5.1': Buffer.from('x') } },
    want: 'proved',
  },
  {
    name: 'a control that nobody asked for says that the password must be changed',
    given: { code: 0, controls: { '2.16.840.1.113730.3.4.4': Buffer.from('0') } },
    want: 'rejected password-must-change',
  },
  {
    name: 'a control that nobody asked for says that the password has expired',
    given: { code: 49, controls: { '2.16.840.1.113730.3.4.4': Buffer.from('0') } },
    want: 'rejected password-expired',
  },
  { name: 'referral', given: { code: 10, referral: 'ldap://elsewhere' }, want: 'unavailable referral' },
  ...[1, 2, 3, 7, 8, 11, 13, 14, 32, 34, 48, 51, 52, 80, 118].map((code) => ({
    name: `result code ${code}`,
    given: { code },
    want: 'unavailable directory-error',
  })),
];

for (const { name, given, want, isKnown = true } of rows) {
  void test(`the bind of a user: ${name}: ${want}`, () => {
    const verdict = bindVerdict(resultOf(given), isKnown);
    assert.equal(verdict === undefined ? 'proved' : outcome(verdict), want);
  });
}

void test('the server`s words are never repeated', () => {
  const verdict = bindVerdict(resultOf({ code: 49, diagnostic: 'no user hunter2, data 52e, v1' }), true);
  assert.doesNotMatch(JSON.stringify(verdict), /hunter2/);
});
