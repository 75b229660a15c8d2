// All servers of one directory: searches and new connections go to the next when one fails, a password never does.

import type { Clock, Log } from '../../core/seams.ts';
import type { Secret } from '../../core/secret.ts';
import { type Unavailable, unavailable } from '../../core/verdict.ts';
import type { SearchAnswer } from './connection.ts';
import { createFailover, createHealth, type Failover, type FailoverParts } from './failover.ts';
import { isTransportFault, type Limit, type Outcome } from './fault.ts';
import type { LdapSearch } from './request.ts';
import type { LdapResult } from './response.ts';
import { quotable, RESULT } from './result.ts';
import { createUpstream, type Upstream, type UpstreamOptions } from './upstream.ts';

export type Search = (search: LdapSearch) => Promise<Outcome<SearchAnswer>>;

/** `result` is that of the bind, whose controls may still have a reservation. */
export type AsUser<T> = (search: Search, result: LdapResult) => Promise<T>;

/** What one review asks of the directory; it stays with the server that answered first. */
export interface Session {
  readonly search: Search;
  /** On a kept connection that is used for nothing else. Sent to one server only, whatever happens then. */
  bindUser(name: string, password: Secret): Promise<Outcome<LdapResult>>;
  /** Binds on a new connection, hands it over when the bind succeeded, and closes it afterwards. */
  asUser<T>(name: string, password: Secret, use: AsUser<T>): Promise<T | Outcome<LdapResult>>;
}

export interface Directory {
  /** `typed` is what the server's own words may not be quoted with: the name and the password of the review. */
  session(signal: AbortSignal, typed: readonly string[]): Session;
  close(): void;
}

export interface DirectoryOptions extends Omit<UpstreamOptions, 'target' | 'clock'> {
  readonly targets: readonly UpstreamOptions['target'][];
  /** For each single operation; a review has its own deadline. */
  readonly operationTimeoutMs: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly name: string;
}

export function createDirectory(options: DirectoryOptions): Directory {
  const { targets, log, name, operationTimeoutMs: timeoutMs, ...shared } = options;
  const upstreams = targets.map((target) => createUpstream({ ...shared, target }));
  const health = createHealth(upstreams, options.clock);
  const closing = new AbortController();

  const note = (upstream: Upstream, fault: Unavailable | undefined): void => {
    const wasFailed = health.hasFailed(upstream);
    if (fault === undefined) health.succeeded(upstream);
    else health.failed(upstream);
    if (upstreams.length === 1 || wasFailed === (fault !== undefined)) return;
    const fields = { provider: name, server: upstream.where, reason: fault?.reason };
    if (fault === undefined) log('info', 'LDAP server works again', fields);
    else log('warn', 'LDAP server failed; the next one is used', fields);
  };

  /** Not part of any review, so that nobody waits for a server that is still dead. */
  const tryAgain = async (): Promise<void> => {
    const upstream = health.dueForTrial();
    if (upstream === undefined) return;
    const opened = await upstream.ownConnection({ signal: closing.signal, timeoutMs });
    if (opened.kind === 'ready') opened.connection.destroy();
    note(upstream, opened.kind === 'ready' ? undefined : opened);
  };

  const session: Directory['session'] = (signal, typed) => {
    const limit: Limit = { signal, timeoutMs };
    void tryAgain();
    const parts = { limit, note, order: () => health.order() };
    return createSession(parts, createFailover(parts), typed);
  };

  return {
    session,
    close: () => {
      closing.abort();
      for (const upstream of upstreams) upstream.close();
    },
  };
}

function createSession({ limit, note }: FailoverParts, failover: Failover, typed: readonly string[]): Session {
  const heard = <T extends { readonly diagnostic: string } | Unavailable>(answer: T): T =>
    'diagnostic' in answer ? { ...answer, said: quotable(answer.diagnostic, typed) } : answer;
  const search: Search = async (wanted) => {
    let busy: SearchAnswer | undefined;
    const answered = await failover.firstOf<SearchAnswer>(async (upstream) => {
      const answer = await upstream.search(wanted, limit);
      if (answer.kind === 'unavailable' || (answer.code !== RESULT.busy && answer.code !== RESULT.unavailable))
        return answer;
      busy = answer;
      return unavailable('directory-error', `${upstream.where} is busy`);
    });
    return heard(answered.kind === 'answered' ? answered.value : (busy ?? answered));
  };

  const bindUser: Session['bindUser'] = async (name, password) => {
    const leased = await failover.firstOf((upstream) => upstream.bindConnection(limit));
    if (leased.kind !== 'answered') return leased;
    const { upstream, value: lease } = leased;
    const result = await lease.connection.bind('user', name, password, limit);
    upstream.giveBack(lease, result, keepsConnection(result));
    if (result.kind === 'unavailable' && isTransportFault(result)) note(upstream, result);
    return heard(result);
  };

  const asUser: Session['asUser'] = async (name, password, use) => {
    const opened = await failover.firstOf((upstream) => upstream.ownConnection(limit));
    if (opened.kind !== 'answered') return opened;
    const { connection } = opened.value;
    try {
      const result = await connection.bind('user', name, password, limit);
      if (result.kind !== 'result' || result.code !== RESULT.success) return heard(result);
      return await use(async (wanted) => heard(await connection.search(wanted, limit)), result);
    } finally {
      connection.destroy();
    }
  };
  return { search, bindUser, asUser };
}

/** A refused password leaves a connection as good as an accepted one; after anything else its state is not certain. */
function keepsConnection(result: Outcome<LdapResult>): boolean {
  return result.kind === 'result' && (result.code === RESULT.success || result.code === RESULT.invalidCredentials);
}
