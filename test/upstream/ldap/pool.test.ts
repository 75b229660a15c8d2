// The pool never has more connections than it may, keeps nobody waiting in vain, and hands out nothing that is closed.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../../src/core/seams.ts';
import { unavailable } from '../../../src/core/verdict.ts';
import type { LdapConnection } from '../../../src/upstream/ldap/connection.ts';
import { createPool, type LdapPool, type Lease } from '../../../src/upstream/ldap/pool.ts';
import { settled } from '../../support/fake-clock.ts';
import { patient } from '../../support/patience.ts';

const limit = (signal: AbortSignal = new AbortController().signal) => ({ signal, timeoutMs: patient(5000) });

const unused = async () => unavailable('internal', 'not used by the pool');

function fakeConnection(): LdapConnection {
  let open = true;
  return {
    isOpen: () => open,
    boundAs: () => 'nobody',
    askControls: unused,
    useControls: () => undefined,
    bind: unused,
    search: unused,
    closeWhenIdle: () => undefined,
    destroy: () => {
      open = false;
    },
  };
}

function poolOf(size: number, connect?: Parameters<typeof createPool>[0]['connect']) {
  const made: LdapConnection[] = [];
  const standard = async () => {
    const connection = fakeConnection();
    made.push(connection);
    return { kind: 'ready', connection } as const;
  };
  return {
    pool: createPool({
      size,
      idleTimeoutMs: 1000,
      where: 'ldaps://dc1:636',
      clock: systemClock,
      connect: connect ?? standard,
    }),
    made,
  };
}

async function leaseOf(pool: LdapPool): Promise<Lease> {
  const lease = await pool.acquire(limit());
  assert.ok(lease.kind === 'lease', JSON.stringify(lease));
  return lease;
}

void test('a connection that was given back is used again', async () => {
  const { pool, made } = poolOf(2);
  const first = await leaseOf(pool);
  first.release(true);
  const second = await leaseOf(pool);
  assert.deepEqual([first.idleMs, second.idleMs !== undefined, made.length], [undefined, true, 1]);
});

void test('one that failed, or was closed meanwhile, is not', async () => {
  const { pool, made } = poolOf(2);
  (await leaseOf(pool)).release(false);
  const second = await leaseOf(pool);
  second.release(true);
  second.connection.destroy();
  assert.equal((await leaseOf(pool)).idleMs, undefined);
  assert.deepEqual(
    made.map((connection) => connection.isOpen()),
    [false, false, true],
  );
});

void test('whoever comes when all are in use waits for the next one, in order', async () => {
  const { pool, made } = poolOf(1);
  const first = await leaseOf(pool);
  const order: string[] = [];
  const waiting = ['a', 'b'].map(async (name) => {
    const lease = await leaseOf(pool);
    order.push(name);
    lease.release(name !== 'a');
  });
  first.release(true);
  await Promise.all(waiting);
  assert.deepEqual([order, made.length], [['a', 'b'], 2]);
});

void test('a wait ends with the deadline, and takes no connection with it', async () => {
  const { pool } = poolOf(1);
  const first = await leaseOf(pool);
  const abort = new AbortController();
  const waiting = pool.acquire(limit(abort.signal));
  abort.abort();
  const fault = await waiting;
  assert.equal(fault.kind === 'unavailable' && fault.reason, 'timeout');
  first.release(true);
  assert.equal((await leaseOf(pool)).idleMs === undefined, false);
});

void test('when no connection can be made, those who wait are told at once', async () => {
  const fails: ((fault: ReturnType<typeof unavailable>) => void)[] = [];
  const { pool } = poolOf(1, () => new Promise((resolve) => void fails.push(resolve)));
  const all = [1, 2, 3].map(() => pool.acquire(limit()));
  await settled();
  fails[0]?.(unavailable('connection-refused'));
  const reasons = (await Promise.all(all)).map((fault) => fault.kind === 'unavailable' && fault.reason);
  assert.deepEqual([reasons, fails.length], [Array(3).fill('connection-refused'), 1]);
});

void test('a closed pool has nothing, and whoever waits is told', async () => {
  const { pool, made } = poolOf(1);
  const lease = await leaseOf(pool);
  const waiting = pool.acquire(limit());
  pool.close();
  lease.release(true);
  const faults = [await waiting, await pool.acquire(limit())].map(
    (fault) => fault.kind === 'unavailable' && fault.reason,
  );
  assert.deepEqual([faults, made.map((connection) => connection.isOpen())], [['stopping', 'stopping'], [false]]);
});
