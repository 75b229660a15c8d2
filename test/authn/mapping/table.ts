// Tables of claims and mapping → identity, or the reason and detail of the refusal.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PROVIDER_KEY } from '../../../src/authn/mapped.ts';
import { CREDENTIAL_ID_KEY } from '../../../src/authn/mapping/identity.ts';
import type { Identity } from '../../../src/core/identity.ts';
import type { JsonValue } from '../../../src/text/json.ts';
import { claimsOf, outcomeOf, type Setup } from './setup.ts';

export interface Row {
  readonly name: string;
  readonly claims: Readonly<Record<string, JsonValue>>;
  /** The mapping keys of the provider entry; absent: the defaults. */
  readonly entry?: object;
  /** The identity without the broker's own extra, or `reason: detail`. */
  readonly want: Partial<Identity> | string;
}

export const jane = { username: 'jane' };
export const sub = { claim: 'username', prefix: 'p:' };
/** An entry with these claimMappings besides the username `p:` + claim username. */
export const maps = (given: object): object => ({ claimMappings: { username: sub, ...given } });
/** An entry that maps the username alone. */
export const usernameFrom = (given: object): object => ({ claimMappings: { username: given } });

export function testTable(rows: readonly Row[]): void {
  for (const { name, claims, entry = {}, want } of rows) {
    void test(name, async () => assert.deepEqual(await result({ claims: claimsOf(claims), entry }), want));
  }
}

async function result(setup: Setup): Promise<unknown> {
  const { verdict } = await outcomeOf(setup);
  if (verdict.kind !== 'authenticated') return `${verdict.reason}: ${verdict.detail ?? ''}`;
  const { username, uid, groups, extra } = verdict.value.identity;
  const { [CREDENTIAL_ID_KEY]: id, [PROVIDER_KEY]: provider, ...own } = extra;
  assert.deepEqual([id, provider], [['BROKER=fingerprint'], ['corp']]);
  return { username, ...(uid !== undefined && { uid }), groups, ...(Object.keys(own).length > 0 && { extra: own }) };
}
