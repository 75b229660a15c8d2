// All servers of one directory: searches and new connections go to the next when one fails, a password never does.

import type { Clock, Log } from '../../core/seams.ts';
import type { Secret } from '../../core/secret.ts';
import { type Unavailable, unavailable } from '../../core/verdict.ts';
import type { SearchAnswer } from './connection.ts';
import { isTransportFault, type Limit, type Outcome } from './fault.ts';
import type { LdapResult, LdapSearch } from './message.ts';
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
    return heard(noteBind(note, upstream, result));
  };

  const asUser: Session['asUser'] = async (name, password, use) => {
    const opened = await failover.firstOf((upstream) => upstream.ownConnection(limit));
    if (opened.kind !== 'answered') return opened;
    const { upstream, value } = opened;
    const { connection } = value;
    try {
      const result = await connection.bind('user', name, password, limit);
      if (result.kind !== 'result' || result.code !== RESULT.success) return heard(noteBind(note, upstream, result));
      return await use(async (wanted) => heard(await connection.search(wanted, limit)), result);
    } finally {
      connection.destroy();
    }
  };
  return { search, bindUser, asUser };
}

function noteBind(note: FailoverParts['note'], upstream: Upstream, result: Outcome<LdapResult>): typeof result {
  if (result.kind === 'unavailable') upstream.doubt();
  if (result.kind === 'unavailable' && isTransportFault(result)) note(upstream, result);
  return result;
}

/** A refused password leaves a connection as good as an accepted one; after anything else its state is not certain. */
function keepsConnection(result: Outcome<LdapResult>): boolean {
  return result.kind === 'result' && (result.code === RESULT.success || result.code === RESULT.invalidCredentials);
}

export interface FailoverParts {
  readonly limit: Limit;
  /** Told how a server fared; undefined is well. */
  readonly note: (upstream: Upstream, fault: Unavailable | undefined) => void;
  /** The servers, the most promising first. */
  readonly order: () => readonly Upstream[];
}

export interface Answered<T> {
  readonly kind: 'answered';
  readonly upstream: Upstream;
  readonly value: T;
}

export interface Failover {
  /** The first value that is not an outage, else the last outage. Only for what may be asked twice, so never for a bind. */
  firstOf<T extends { readonly kind: string }>(
    ask: (upstream: Upstream) => Promise<Outcome<T>>,
  ): Promise<Outcome<Answered<T>>>;
}

export function createFailover({ limit, note, order }: FailoverParts): Failover {
  let preferred: Upstream | undefined;
  const candidates = (): readonly Upstream[] => {
    const first = preferred;
    return first === undefined ? order() : [first, ...order().filter((upstream) => upstream !== first)];
  };
  return {
    firstOf: async (ask) => {
      let fault = unavailable('internal', 'no server is configured');
      for (const upstream of candidates()) {
        // oxlint-disable-next-line no-await-in-loop -- the next server is asked only when this one has failed
        const value = await ask(upstream);
        if (!isOutage(value)) {
          note(upstream, undefined);
          preferred = upstream;
          return { kind: 'answered', upstream, value };
        }
        fault = value;
        if (isTransportFault(fault)) note(upstream, fault);
        if (limit.signal.aborted) break;
      }
      return fault;
    },
  };
}

function isOutage<T extends { readonly kind: string }>(value: Outcome<T>): value is Unavailable {
  return value.kind === 'unavailable';
}

/** How often a failed server is tried again while others do its work. */
export const RECOVERY_TRIAL_MS = 5000;

export interface Health<Server> {
  /** Those that work, in the order configured; after them those that failed, the longest ago first. */
  order(): readonly Server[];
  succeeded(server: Server): void;
  failed(server: Server): void;
  hasFailed(server: Server): boolean;
  /** A failed server that it is time to try again, at most once per {@link RECOVERY_TRIAL_MS}. */
  dueForTrial(): Server | undefined;
}

export function createHealth<Server>(servers: readonly Server[], clock: Clock): Health<Server> {
  const failedAtMs = new Map<Server, number>();
  const failures = (): readonly Server[] => [...failedAtMs].toSorted(([, a], [, b]) => a - b).map(([server]) => server);
  return {
    order: () => {
      if (failedAtMs.size === 0) return servers;
      return [...servers.filter((server) => !failedAtMs.has(server)), ...failures()];
    },
    succeeded: (server) => void failedAtMs.delete(server),
    failed: (server) => void failedAtMs.set(server, clock.monotonicMs()),
    hasFailed: (server) => failedAtMs.has(server),
    dueForTrial: () => {
      if (failedAtMs.size === 0 || failedAtMs.size === servers.length) return undefined;
      const nowMs = clock.monotonicMs();
      const due = failures().find((server) => nowMs - (failedAtMs.get(server) ?? nowMs) >= RECOVERY_TRIAL_MS);
      if (due !== undefined) failedAtMs.set(due, nowMs);
      return due;
    },
  };
}
