// One connection to a directory: bind and search, and who the server takes it for.

import type { Socket } from 'node:net';
import type { Secret } from '../../core/secret.ts';
import { unavailable } from '../../core/verdict.ts';
import { MalformedBer } from './ber.ts';
import { createExchange, type Request } from './exchange.ts';
import { closedFault, type Limit, type Outcome } from './fault.ts';
import { encodeBind, encodeSearch, type LdapSearch } from './request.ts';
import type { LdapEntry, LdapResult } from './response.ts';
import { nextPageCookie, RESULT } from './result.ts';

/** More than any page that is asked for: a server that ignores size limits is cut off. */
const MAX_ANSWER_ENTRIES = 2000;

export interface SearchAnswer {
  readonly kind: 'found';
  readonly code: number;
  readonly entries: readonly LdapEntry[];
  /** Where the next page starts; absent on the last one. */
  readonly cookie?: Buffer;
}

/** Who the server takes the connection for; `unknown` after a bind that failed. */
export type BoundAs = 'nobody' | 'service' | 'user' | 'unknown';

/** Everything that goes wrong destroys it; there is no reconnect, so nothing is ever sent to a server it was not made for. */
export interface LdapConnection {
  /** False as soon as the server said goodbye; then nothing is written any more. */
  isOpen(): boolean;
  boundAs(): BoundAs;
  /** A simple bind. The password is written at most once, and only while the connection is open. */
  bind(as: 'service' | 'user', name: string, password: Secret, limit: Limit): Promise<Outcome<LdapResult>>;
  search(search: LdapSearch, limit: Limit): Promise<Outcome<SearchAnswer>>;
  /** Closes by itself when nobody uses it for this long; 0 stops waiting for that. */
  closeWhenIdle(idleTimeoutMs: number): void;
  destroy(): void;
}

/** A name that a bind may be sent for: a DN, `user@domain` or `DOMAIN\user`. */
const BIND_NAME = /[=@\\]/;

/** Takes over a connected socket; `where` is its address in faults. */
export function createConnection(socket: Socket, where: string): LdapConnection {
  const exchange = createExchange(socket, where);
  let boundAs: BoundAs = 'nobody';
  return {
    isOpen: () => exchange.isOpen(),
    boundAs: () => boundAs,
    bind: async (as, name, password, limit) => {
      if (password.reveal() === '' || !BIND_NAME.test(name))
        return unavailable('internal', 'a bind without name or password');
      boundAs = 'unknown';
      const result = await exchange.request(bindRequest(name, password, as === 'user'), limit);
      if (result.kind === 'result' && result.code === RESULT.success) boundAs = as;
      return result;
    },
    search: async (search, limit) => {
      const entries: LdapEntry[] = [];
      const result = await exchange.request(searchRequest(search, limit.timeoutMs, entries), limit);
      return result.kind === 'result' ? searchAnswer(result, entries, where) : result;
    },
    closeWhenIdle: (idleTimeoutMs) => void socket.setTimeout(idleTimeoutMs),
    destroy: () => exchange.end(closedFault('use', where)),
  };
}

function bindRequest(name: string, password: Secret, askPolicy: boolean): Request {
  return {
    what: 'the bind',
    encode: (id) => encodeBind(id, name, password.reveal(), askPolicy),
    accept: ({ op }) => (op === 'bind' ? 'expected' : 'unexpected'),
  };
}

function searchRequest(search: LdapSearch, timeoutMs: number, entries: LdapEntry[]): Request {
  return {
    what: 'the search',
    encode: (id) => encodeSearch(id, search, Math.max(1, Math.ceil(timeoutMs / 1000))),
    accept: (response) => {
      if (response.op === 'entry') entries.push(response.entry);
      if (entries.length > MAX_ANSWER_ENTRIES) return 'too much';
      return response.op === 'bind' || response.op === 'extended' ? 'unexpected' : 'expected';
    },
  };
}

function searchAnswer(result: LdapResult, entries: readonly LdapEntry[], where: string): Outcome<SearchAnswer> {
  try {
    const cookie = nextPageCookie(result);
    return { kind: 'found', code: result.code, entries, ...(cookie === undefined ? {} : { cookie }) };
  } catch (error) {
    if (!(error instanceof MalformedBer)) throw error;
    return unavailable('malformed-answer', `${where}: the answer to a paged search is not LDAP`);
  }
}
