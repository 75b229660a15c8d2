// One directory server: its kept service connections, its kept connections for user binds, and how it fares.

import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../core/seams.ts';
import type { Secret } from '../../core/secret.ts';
import { type Unavailable, unavailable } from '../../core/verdict.ts';
import { createConnection, type LdapConnection, type SearchAnswer } from './connection.ts';
import { type DialTarget, dial } from './dial.ts';
import type { Limit, Outcome } from './fault.ts';
import { createPool, type LdapPool, type Lease, type Ready } from './pool.ts';
import type { LdapSearch } from './request.ts';
import type { LdapResult } from './response.ts';
import { describeResult, RESULT } from './result.ts';

/** A refused service bind is not repeated for this long, or every login would bring the account closer to its lockout. */
export const SERVICE_BIND_PAUSE_MS = 5000;

export interface ServiceBind {
  readonly dn: string;
  readonly password: Secret;
}

export interface UpstreamOptions {
  readonly target: DialTarget;
  /** Absent: searches are anonymous. */
  readonly bind?: ServiceBind;
  readonly poolSize: number;
  readonly idleTimeoutMs: number;
  readonly clock: Clock;
}

export interface Upstream {
  readonly where: string;
  /** On a kept service connection; one that the server closed meanwhile is replaced, once. */
  search(search: LdapSearch, limit: Limit): Promise<Outcome<SearchAnswer>>;
  /** A connection for one user bind; nothing was sent yet when this fails. */
  bindConnection(limit: Limit): Promise<Outcome<Lease>>;
  /** A new connection that nobody else will ever use. */
  ownConnection(limit: Limit): Promise<Outcome<Ready>>;
  close(): void;
}

export function createUpstream(options: UpstreamOptions): Upstream {
  const { target, bind } = options;
  const where = target.url.href;
  const ownConnection = (limit: Limit) => open(target, limit);
  const pool = (connect: (limit: Limit) => Promise<Outcome<Ready>>): LdapPool =>
    createPool({ size: options.poolSize, idleTimeoutMs: options.idleTimeoutMs, connect, where });
  const service = pool(bind === undefined ? ownConnection : serviceConnector(options, bind));
  const users = pool(ownConnection);

  const search = async (wanted: LdapSearch, limit: Limit): Promise<Outcome<SearchAnswer>> => {
    const lease = await service.acquire(limit);
    if (lease.kind !== 'lease') return lease;
    const answer = await searchOn(lease.connection, bind === undefined ? 'nobody' : 'service', wanted, limit);
    lease.release(answer.kind === 'found');
    const wasStale = lease.isReused && answer.kind === 'unavailable' && answer.reason === 'connection-failed';
    return wasStale ? await search(wanted, limit) : answer;
  };

  const bindConnection = async (limit: Limit): Promise<Outcome<Lease>> => {
    const lease = await users.acquire(limit);
    if (lease.kind !== 'lease' || !lease.isReused) return lease;
    await goodbyesAreRead();
    if (lease.connection.isOpen()) return lease;
    lease.release(false);
    return await bindConnection(limit);
  };

  return {
    where,
    search,
    bindConnection,
    ownConnection,
    close: () => {
      service.close();
      users.close();
    },
  };
}

/**
 * Two turns of the event loop: a goodbye that the server sent before now has been read after them. A password that was
 * written to a closed connection is lost, because it may not be sent again.
 */
async function goodbyesAreRead(): Promise<void> {
  await setImmediate();
  await setImmediate();
}

/** A search under an identity other than the expected one would return other entries, or none, without an error. */
async function searchOn(
  connection: LdapConnection,
  expected: 'nobody' | 'service',
  search: LdapSearch,
  limit: Limit,
): Promise<Outcome<SearchAnswer>> {
  if (connection.boundAs() !== expected) return unavailable('internal', `a search as ${connection.boundAs()}`);
  return await connection.search(search, limit);
}

async function open(target: DialTarget, limit: Limit): Promise<Outcome<Ready>> {
  const dialled = await dial(target, limit);
  if (dialled.kind !== 'dialled') return dialled;
  return { kind: 'ready', connection: createConnection(dialled.socket, target.url.href) };
}

function serviceConnector({ target, clock }: UpstreamOptions, bind: ServiceBind) {
  let refusal: { readonly fault: Unavailable; readonly untilMs: number } | undefined;
  return async (limit: Limit): Promise<Outcome<Ready>> => {
    if (refusal !== undefined && clock.monotonicMs() < refusal.untilMs) return refusal.fault;
    const opened = await open(target, limit);
    if (opened.kind !== 'ready') return opened;
    const result = await opened.connection.bind('service', bind.dn, bind.password, limit);
    if (result.kind === 'result' && result.code === RESULT.success) {
      refusal = undefined;
      return opened;
    }
    opened.connection.destroy();
    const fault = result.kind === 'result' ? serviceBindFault(result, target.url.href) : result;
    if (fault.reason === 'service-bind-refused') {
      refusal = { fault, untilMs: clock.monotonicMs() + SERVICE_BIND_PAUSE_MS };
    }
    return fault;
  };
}

/** What an operator has to mend; every other code may pass by itself. */
const REFUSALS: ReadonlySet<number> = new Set([
  RESULT.authMethodNotSupported,
  RESULT.strongerAuthRequired,
  RESULT.confidentialityRequired,
  RESULT.constraintViolation,
  RESULT.noSuchObject,
  RESULT.invalidDNSyntax,
  RESULT.inappropriateAuthentication,
  RESULT.invalidCredentials,
  RESULT.insufficientAccessRights,
  RESULT.unwillingToPerform,
]);

export function serviceBindFault(result: LdapResult, where: string): Unavailable {
  const reason = REFUSALS.has(result.code) ? 'service-bind-refused' : 'directory-error';
  return unavailable(reason, `${where}: the bind as bind.dn: ${describeResult(result.code)}`);
}
