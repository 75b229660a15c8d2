// What every provider must do, whatever it asks; a provider's own test calls this and adds its table.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Credential } from '../../src/core/credential.ts';
import { Secret } from '../../src/core/secret.ts';
import { deadline, patient } from '../support/patience.ts';
import { inOrder, until } from '../support/settled.ts';
import { createSinks } from '../support/sinks.ts';
import { ALICE, CROWD, LEAKY, ODD } from './provider-accounts.ts';
import {
  assertClaims,
  assertReason,
  decided,
  FAULT_NAMES,
  HANG_DEADLINE_MS,
  inWorld,
  otherKinds,
  probe,
  recovered,
  TIMEOUT_MS,
  upstreamOf,
  withoutIO,
} from './provider-run.ts';
import { FAULTS, type Fault, type ProviderContract } from './provider-world.ts';

/** Registers the suite. */
export function providerContract(contract: ProviderContract): void {
  void describe(`${contract.name} keeps the provider contract`, () => {
    credentialTests(contract);
    hygieneTests(contract);
    if (contract.faults !== false) outageTests(contract, contract.faults ?? {});
  });
}

function credentialTests(contract: ProviderContract): void {
  void test('abstains on the other credential kind without I/O', () =>
    inWorld(contract, async (world) => {
      await inOrder(otherKinds(contract), async (other) =>
        assert.deepEqual(await withoutIO(world, other), { kind: 'abstained', reason: 'wrong-kind' }),
      );
    }));

  void test('refuses an empty password without I/O', { skip: contract.accepts !== 'password' }, () =>
    inWorld(contract, async (world) => {
      const empty: Credential = { kind: 'password', username: ALICE.name, password: new Secret('') };
      assert.deepEqual(await withoutIO(world, empty), { kind: 'rejected', reason: 'empty-password' });
    }),
  );

  void test('authenticates and states subject and attributes', () =>
    inWorld(contract, async (world) => {
      assertClaims(await world.login(world.credentialOf(ALICE)), world.claimsOf(ALICE));
    }));

  void test('answers a wrong secret as its page says', () =>
    inWorld(contract, async (world) => {
      const wrong = await world.login(world.credentialOf({ ...ALICE, secret: 'not the secret' }));
      assertReason(wrong, contract.wrongSecret);
      assertClaims(await world.login(world.credentialOf(ALICE)), world.claimsOf(ALICE));
    }));

  void test('odd characters survive', () =>
    inWorld(contract, async (world) => {
      await inOrder(ODD, async (odd) => assertClaims(await world.login(world.credentialOf(odd)), world.claimsOf(odd)));
    }));

  void test('a NUL never cuts a secret short', () =>
    inWorld(contract, async (world) => {
      await inOrder(['\0', '\0x'], async (tail) => {
        const verdict = await world.login(world.credentialOf({ ...ALICE, secret: ALICE.secret + tail }));
        assert.notEqual(verdict.kind, 'authenticated');
      });
    }));

  void test('50 concurrent reviews do not mix', () =>
    inWorld(contract, async (world) => {
      const given = CROWD.map(({ name, secret }, index) => ({ name, secret: index % 5 === 4 ? ALICE.name : secret }));
      const verdicts = await Promise.all(given.map((account) => decided(world, account)));
      for (const [index, verdict] of verdicts.entries()) {
        const account = given[index] ?? ALICE;
        if (account.secret === ALICE.name) assertReason(verdict, contract.wrongSecret);
        else assertClaims(verdict, world.claimsOf(account));
      }
    }));
}

function hygieneTests(contract: ProviderContract): void {
  void test('never puts the secret in reason, log or probe', async () => {
    const sinks = createSinks();
    await inWorld(
      contract,
      async (world) => {
        const wrongly = [LEAKY, { ...ALICE, secret: LEAKY.secret }, { name: 'nobody-here', secret: LEAKY.secret }];
        await inOrder(world.upstream === undefined ? [undefined] : [undefined, ...FAULT_NAMES], async (fault) => {
          await world.upstream?.breakWith(fault);
          await inOrder(wrongly, (account) => world.login(world.credentialOf(account), deadline(HANG_DEADLINE_MS)));
          await probe(world);
        });
      },
      sinks,
    );
    assert.deepEqual(sinks.leaksOf(LEAKY.secret), []);
  });

  void test('never throws: not when the deadline is over, not after it was closed', () =>
    inWorld(contract, async (world) => {
      const late = await world.login(world.credentialOf(ALICE), AbortSignal.abort());
      assert.equal(late.kind, 'unavailable');
      await world.provider.close();
      await world.provider.close();
      const closed = await world.login(world.credentialOf(ALICE));
      assertReason(closed, { kind: 'unavailable', reason: 'stopping' });
    }));

  void test('probes a healthy upstream without a failed step', () =>
    inWorld(contract, async (world) => {
      const steps = await probe(world);
      assert.notEqual(steps.length, 0);
      assert.deepEqual(
        steps.filter(({ result }) => result === 'failed'),
        [],
      );
    }));
}

function outageTests(contract: ProviderContract, reasons: Partial<Record<Fault, string>>): void {
  for (const fault of FAULT_NAMES) {
    const want = { kind: 'unavailable', reason: reasons[fault] ?? FAULTS[fault] };
    for (const when of ['before the first login', 'after a login'] as const) {
      void test(`is unavailable when the upstream ${fault} ${when}, and recovers`, () =>
        inWorld(contract, async (world) => {
          if (when === 'after a login') await world.login(world.credentialOf(ALICE));
          const upstream = upstreamOf(world);
          await upstream.breakWith(fault);
          const limitMs = fault === 'hangs' ? HANG_DEADLINE_MS : TIMEOUT_MS;
          const verdict = await world.login(world.credentialOf(ALICE), deadline(limitMs));
          if (contract.needsUpstreamOnce && when === 'after a login') assertClaims(verdict, world.claimsOf(ALICE));
          else assertReason(verdict, want);
          assert.equal(
            (await probe(world)).some(({ result }) => result === 'failed'),
            true,
            'the probe sees it too',
          );
          await upstream.breakWith(undefined);
          await recovered(world);
        }));
    }
  }

  void test('stops on abort and leaves no socket or timer', () =>
    inWorld(contract, async (world) => {
      if (!contract.needsUpstreamOnce) await world.login(world.credentialOf(ALICE));
      const upstream = upstreamOf(world);
      const connections = upstream.connections();
      await upstream.breakWith('hangs');
      const [before, abort] = [upstream.exchanges(), new AbortController()];
      const verdict = world.login(world.credentialOf(LEAKY), abort.signal);
      await until('the upstream has been asked', () => upstream.exchanges() > before);
      const abortedAtMs = performance.now();
      abort.abort();
      assertReason(await verdict, { kind: 'unavailable', reason: 'timeout' });
      assert.ok(performance.now() - abortedAtMs < patient(1000), 'it stops soon');
      await until('the hung connection is closed', () => upstream.connections() <= connections);
    }));
}
