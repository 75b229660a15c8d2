// The provider of issued tokens: the contract, and its claims as an identity without a prefix.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { mapped } from '../../src/authn/mapped.ts';
import { IDENTITY_MAPPING } from '../../src/authn/mapping/mapping.ts';
import type { Identity, Reserved } from '../../src/core/identity.ts';
import { issuedTokens } from '../../src/issuer/issued.ts';
import { openIssuer } from '../../src/issuer/issuer.ts';
import { providerContract } from '../contract/provider-contract.ts';
import { reviewOf } from '../contract/provider-run.ts';
import type { Account } from '../contract/provider-world.ts';
import { ALICE, bearer, handmade, issuerOf, minted, wordOf } from './setup.ts';

const keyOf = ({ name, secret }: Account): string => JSON.stringify([name, secret]);
const GROUPS = ['ldap:devs', 'ldap:ops'];

providerContract({
  name: 'issued',
  accepts: 'bearer',
  wrongSecret: { kind: 'rejected', reason: 'bad-signature' },
  faults: false,
  open: async (accounts, seams) => {
    const { settings } = issuerOf().issuer;
    const issuer = openIssuer(settings, seams);
    const tokens = new Map<string, string>();
    const mint = async (account: Account): Promise<void> => {
      const { token } = await minted(issuer, { holder: { username: account.name, uid: 'a-uid', groups: GROUPS } });
      tokens.set(keyOf(account), token);
    };
    await Promise.all(accounts.map(mint));
    const forged = ({ name, secret }: Account): string =>
      handmade({ alg: 'HS256', kid: 'hs' }, { iss: settings.name, sub: name, secret }, secret);
    return {
      provider: issuedTokens(issuer),
      credentialOf: (account) => bearer(tokens.get(keyOf(account)) ?? forged(account)),
      claimsOf: ({ name }) => ({ subject: 'a-uid', attributes: { username: name, groups: GROUPS, uid: 'a-uid' } }),
      close: async () => undefined,
    };
  },
});

/** Issues for this identity and reviews the token, with the mapping that the type has without `claimMappings`. */
async function identityOf(holder: Omit<Identity, 'extra'>, reserved: Partial<Reserved> = {}) {
  const { issuer } = issuerOf();
  const { token } = await minted(issuer, { holder });
  const provider = issuedTokens(issuer);
  const context = {
    name: 'issued',
    mapping: { ...IDENTITY_MAPPING, claimRules: [], userRules: [] },
    rules: {
      reserved: { groups: [], usernames: [], ...reserved },
      maxGroups: 1000,
      groupsOverLimit: 'reject',
    } as const,
    credentialId: () => 'fingerprint',
    onReservedUsername: () => undefined,
    onGroupsDropped: () => undefined,
  };
  return mapped(provider, context).authenticate(reviewOf(bearer(token)), new AbortController().signal);
}

void describe('an issued identity', () => {
  const rows = [
    { name: 'with uid and groups', given: ALICE },
    { name: 'without uid', given: { username: 'ldap:bob', groups: ['ldap:devs'] } },
    { name: 'without groups', given: { username: 'idp:1f6c', uid: '1f6c', groups: [] } },
    { name: 'with a prefix that only looks like one', given: { username: 'issued:issued:x', groups: ['issued:y'] } },
    { name: 'in another script', given: { username: 'ldap:jürgen größe', groups: ['ldap:日本語', 'a:b:c'] } },
  ];
  for (const { name, given } of rows) {
    void test(`comes back exactly: ${name}`, async () => {
      const verdict = await identityOf(given);
      assert.ok(verdict.kind === 'authenticated', wordOf(verdict));
      const { extra: _extra, ...identity } = verdict.value.identity;
      assert.deepEqual(identity, given);
      assert.equal(verdict.isVolatile, true, 'it is not remembered');
    });
  }

  void test('keeps no system: name that the provider does not list', async () => {
    const holder = { username: 'system:admin', groups: [] };
    assert.equal(wordOf(await identityOf(holder)), 'rejected reserved-username');
    assert.equal(wordOf(await identityOf(holder, { usernames: ['system:admin'] })), 'authenticated');
    const verdict = await identityOf({ username: 'x', groups: ['system:masters', 'devs', 'Ｓystem:x'] });
    assert.deepEqual(verdict.kind === 'authenticated' && verdict.value.identity.groups, ['devs']);
  });
});
