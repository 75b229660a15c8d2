// One directory server: its kept service connections, its kept connections for user binds, and what their silence means.

import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../core/seams.ts';
import type { Secret } from '../../core/secret.ts';
import { type Unavailable, unavailable } from '../../core/verdict.ts';
import { type BoundAs, createConnection, type KnownControls, type SearchAnswer } from './connection.ts';
import { type DialTarget, dial } from './dial.ts';
import type { Limit, Outcome } from './fault.ts';
import type { LdapResult, LdapSearch } from './message.ts';
import { createPool, type LdapPool, type Lease, type Ready } from './pool.ts';
import { describeResult, quotable, RESULT } from './result.ts';

/** A refused service bind is not repeated for this long, or every login would bring the account closer to its lockout. */
export const SERVICE_BIND_PAUSE_MS = 5000;

/** How long it is believed which controls a server knows: one more question at every login without kept connections, else. */
const CONTROLS_KEPT_MS = 60_000;

/** After this long a kept connection may have been forgotten by something between here and the server. */
const SUSPECT_AFTER_MS = 1000;
/** Of the time for one operation: how long such a connection may be silent, so that another one can still be tried. */
const SHARE_OF_SUSPECT = 0.4;

export interface ServiceBind {
  readonly dn: string;
  readonly password: Secret;
}

export interface UpstreamOptions {
  readonly target: DialTarget;
  /** Absent: searches are anonymous. */
  readonly bind?: ServiceBind;
  /** Ask for the reason of a refusal where the server knows the control. */
  readonly passwordPolicy: boolean;
  readonly poolSize: number;
  readonly idleTimeoutMs: number;
  readonly clock: Clock;
}

export interface Upstream {
  readonly where: string;
  /** On a kept service connection; when the server forgot it, or is silent on it, once more on a new one. */
  search(search: LdapSearch, limit: Limit): Promise<Outcome<SearchAnswer>>;
  /** A connection for one user bind; nothing was sent yet when this fails. */
  bindConnection(limit: Limit): Promise<Outcome<Lease>>;
  /** A new connection that is used for nothing else. */
  ownConnection(limit: Limit): Promise<Outcome<Ready>>;
  /** A bind got no answer: what the server said of itself is asked anew. */
  doubt(): void;
  /** Gives a leased connection back. One that broke or was silent takes those with it that are older: they may be as dead. */
  giveBack(lease: Lease, outcome: Outcome<{ readonly kind: string }>, mayBeReused: boolean): void;
  close(): void;
}

export function createUpstream(options: UpstreamOptions): Upstream {
  const { target, bind, clock } = options;
  const where = target.url.href;
  const connector = userConnector(options);
  const pool = (connect: (limit: Limit) => Promise<Outcome<Ready>>): LdapPool =>
    createPool({ size: options.poolSize, idleTimeoutMs: options.idleTimeoutMs, connect, where, clock });
  const service = pool(bind === undefined ? (limit) => open(target, limit) : serviceConnector(options, bind));
  const users = pool(connector.open);
  const giveBack: Upstream['giveBack'] = (lease, outcome, mayBeReused) => {
    if (isSilence(lease, outcome)) for (const each of [service, users]) each.condemn(lease.leasedAtMs);
    lease.release(mayBeReused);
  };
  return {
    where,
    search: searcher(service, giveBack, bind === undefined ? 'nobody' : 'service'),
    bindConnection: async (limit) => {
      const lease = await users.acquire(limit);
      if (lease.kind !== 'lease' || lease.idleMs === undefined) return lease;
      await goodbyesAreRead();
      if (lease.connection.isOpen()) return lease;
      lease.release(false);
      return await users.acquire(limit, 'new');
    },
    ownConnection: connector.open,
    doubt: connector.forget,
    giveBack,
    close: () => {
      service.close();
      users.close();
    },
  };
}

function searcher(service: LdapPool, giveBack: Upstream['giveBack'], expected: BoundAs): Upstream['search'] {
  const searchOn = async (lease: Lease, wanted: LdapSearch, limit: Limit): Promise<Outcome<SearchAnswer>> => {
    const boundAs = lease.connection.boundAs();
    // Under an identity other than the expected one it would find other entries, or none, without an error.
    const answer =
      boundAs === expected
        ? await lease.connection.search(wanted, patience(lease, limit))
        : unavailable('internal', `a search as ${boundAs}`);
    giveBack(lease, answer, answer.kind === 'found');
    return answer;
  };
  return async (wanted, limit) => {
    const lease = await service.acquire(limit);
    if (lease.kind !== 'lease') return lease;
    const answer = await searchOn(lease, wanted, limit);
    if (!isSilence(lease, answer) || limit.signal.aborted) return answer;
    const another = await service.acquire(limit, 'new');
    return another.kind === 'lease' ? await searchOn(another, wanted, limit) : another;
  };
}

/** A connection that was used before broke, or the server was silent on it: it may have been forgotten on the way. */
function isSilence({ idleMs }: Lease, outcome: Outcome<{ readonly kind: string }>): boolean {
  if (idleMs === undefined || !isOutage(outcome)) return false;
  return outcome.reason === 'connection-failed' || outcome.reason === 'timeout';
}

function isOutage(outcome: Outcome<{ readonly kind: string }>): outcome is Unavailable {
  return outcome.kind === 'unavailable';
}

function patience({ idleMs = 0 }: Lease, limit: Limit): Limit {
  return idleMs < SUSPECT_AFTER_MS ? limit : { ...limit, timeoutMs: limit.timeoutMs * SHARE_OF_SUSPECT };
}

/**
 * Two turns of the event loop: a goodbye that the server sent before now has been read after them. A password that was
 * written to a closed connection is lost, because it may not be sent again.
 */
async function goodbyesAreRead(): Promise<void> {
  await setImmediate();
  await setImmediate();
}

async function open(target: DialTarget, limit: Limit): Promise<Outcome<Ready>> {
  const dialled = await dial(target, limit);
  if (dialled.kind !== 'dialled') return dialled;
  return { kind: 'ready', connection: createConnection(dialled.socket, target.url.href) };
}

interface UserConnector {
  readonly open: (limit: Limit) => Promise<Outcome<Ready>>;
  /** What the server said of itself may not hold any more. */
  readonly forget: () => void;
}

/** Opens connections for binds of users, on which the server has said which controls it knows, or not long ago on another. */
function userConnector({ target, passwordPolicy, clock }: UpstreamOptions): UserConnector {
  let learnt: { readonly controls: KnownControls; readonly untilMs: number } | undefined;
  /** Nobody is bound yet, so what it asks is what any stranger may ask. */
  const ask = async (ready: Ready, limit: Limit): Promise<Outcome<Ready>> => {
    const controls = await ready.connection.askControls(limit);
    // A server that hangs up on strangers who ask still takes binds.
    if (controls.kind !== 'controls')
      return controls.reason === 'connection-failed' ? await open(target, limit) : controls;
    learnt = { controls, untilMs: clock.monotonicMs() + CONTROLS_KEPT_MS };
    if (controls.isRefused) {
      ready.connection.destroy();
      return await open(target, limit);
    }
    ready.connection.useControls(controls);
    return ready;
  };
  return {
    open: async (limit) => {
      const opened = await open(target, limit);
      if (opened.kind !== 'ready' || !passwordPolicy) return opened;
      if (learnt === undefined || clock.monotonicMs() >= learnt.untilMs) return await ask(opened, limit);
      opened.connection.useControls(learnt.controls);
      return opened;
    },
    forget: () => {
      learnt = undefined;
    },
  };
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
    const fault = result.kind === 'result' ? serviceBindFault(result, bind, target.url.href) : result;
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

export function serviceBindFault({ code, diagnostic }: LdapResult, bind: ServiceBind, where: string): Unavailable {
  const said = quotable(diagnostic, [bind.password.reveal()]);
  const reason = REFUSALS.has(code) ? 'service-bind-refused' : 'directory-error';
  return unavailable(reason, `${where}: the bind as bind.dn: ${describeResult({ code, said })}`);
}
