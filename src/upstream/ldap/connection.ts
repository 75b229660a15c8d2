// One connection to a directory: bind and search, who the server takes it for, and what it knows.

import type { Socket } from 'node:net';
import type { Secret } from '../../core/secret.ts';
import { unavailable } from '../../core/verdict.ts';
import { MalformedBer } from './ber.ts';
import { createExchange, type Exchange, type Request } from './exchange.ts';
import { closedFault, type Limit, type Outcome } from './fault.ts';
import { ANY_ENTRY } from './filter.ts';
import type { LdapEntry, LdapResult } from './message.ts';
import { encodeBind, encodeSearch, type LdapSearch } from './message.ts';
import { CONTROL, nextPageCookie, RESULT } from './result.ts';

/** More than any search is for: a server that ignores size limits is cut off. */
export const MAX_ANSWER_ENTRIES = 10_000;

export interface SearchAnswer {
  readonly kind: 'found';
  readonly code: number;
  /** The server's own words, as in {@link LdapResult}. */
  readonly diagnostic: string;
  readonly said?: string | undefined;
  readonly entries: readonly LdapEntry[];
  /** Addresses of servers that would know more; they are never asked. */
  readonly references: readonly string[];
}

/** Who the server takes the connection for; `unknown` after a bind that failed. */
export type BoundAs = 'nobody' | 'service' | 'user' | 'unknown';

/** By their object identifiers. */
export interface KnownControls {
  readonly kind: 'controls';
  readonly oids: readonly string[];
  /** The server would not say. It may hang up on those who asked, now or later. */
  readonly isRefused: boolean;
}

/** Everything that goes wrong destroys it; there is no reconnect, so nothing is ever sent to a server it was not made for. */
export interface LdapConnection {
  /** False as soon as the server said goodbye; then nothing is written any more. */
  isOpen(): boolean;
  boundAs(): BoundAs;
  /** Asks the server which controls it knows (RFC 4512 §5.1); a server that does not say knows none. */
  askControls(limit: Limit): Promise<Outcome<KnownControls>>;
  /** Binds have those that the server knows; none before this, because some servers take an unknown one for no LDAP. */
  useControls(known: KnownControls): void;
  /** A simple bind. The password is written at most once, and only while the connection is open. */
  bind(as: 'service' | 'user', name: string, password: Secret, limit: Limit): Promise<Outcome<LdapResult>>;
  /** With `page` every page, one after the other on this connection, which is where servers keep their place. */
  search(search: LdapSearch, limit: Limit): Promise<Outcome<SearchAnswer>>;
  /** Closes by itself when it is not used for this long; 0 stops waiting for that. */
  closeWhenIdle(idleTimeoutMs: number): void;
  destroy(): void;
}

/** A name that a bind may be sent for: a DN, `user@domain` or `DOMAIN\user`. */
const BIND_NAME = /[=@\\]/;

/** Takes over a connected socket; `where` is its address in faults. */
export function createConnection(socket: Socket, where: string): LdapConnection {
  const exchange = createExchange(socket, where);
  let boundAs: BoundAs = 'nobody';
  let controls: readonly string[] = [];
  return {
    isOpen: () => exchange.isOpen(),
    boundAs: () => boundAs,
    askControls: async (limit) => {
      const answer = await searchPages(exchange, ROOT_DSE, limit, where);
      if (answer.kind === 'unavailable') return answer;
      const isRefused = answer.code !== RESULT.success;
      return { kind: 'controls', oids: answer.entries.flatMap(supportedControls), isRefused };
    },
    useControls: ({ oids }) => {
      controls = oids;
    },
    bind: async (as, name, password, limit) => {
      if (password.reveal() === '' || !BIND_NAME.test(name))
        return unavailable('internal', 'a bind without name or password');
      boundAs = 'unknown';
      const asksPolicy = as === 'user' && controls.includes(CONTROL.passwordPolicy);
      const result = await exchange.request(bindRequest(name, password, asksPolicy), limit);
      if (result.kind === 'result' && result.code === RESULT.success) boundAs = as;
      return result;
    },
    search: (search, limit) => searchPages(exchange, search, limit, where),
    closeWhenIdle: (idleTimeoutMs) => void socket.setTimeout(idleTimeoutMs),
    destroy: () => exchange.end(closedFault('use', where)),
  };
}

const ROOT_DSE: LdapSearch = {
  baseDN: '',
  scope: 'base',
  filter: ANY_ENTRY,
  attributes: ['supportedControl'],
  sizeLimit: 1,
};

function supportedControls({ attributes }: LdapEntry): readonly string[] {
  const shown = attributes.filter(({ name }) => name.toLowerCase() === 'supportedcontrol');
  return shown.flatMap(({ values }) => values.map(String));
}

interface Found {
  readonly entries: LdapEntry[];
  readonly references: string[];
}

async function searchPages(
  exchange: Exchange,
  search: LdapSearch,
  limit: Limit,
  where: string,
): Promise<Outcome<SearchAnswer>> {
  const found: Found = { entries: [], references: [] };
  let cookie: Buffer | undefined;
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- a page says where the next one starts
    const result = await exchange.request(searchRequest(search, cookie, limit.timeoutMs, found), limit);
    if (result.kind !== 'result') return result;
    const next = readCookie(result);
    if (next === 'malformed') {
      exchange.end(closedFault('use', where));
      return unavailable('malformed-answer', `${where}: the answer to a paged search is not LDAP`);
    }
    const { code, diagnostic } = result;
    const isLast = search.page === undefined || search.page.isSample === true || next === undefined;
    if (isLast || code !== RESULT.success) return { kind: 'found', code, diagnostic, ...found };
    cookie = next;
  }
}

function readCookie(result: LdapResult): Buffer | 'malformed' | undefined {
  try {
    return nextPageCookie(result);
  } catch (error) {
    if (error instanceof MalformedBer) return 'malformed';
    throw error;
  }
}

function bindRequest(name: string, password: Secret, asksPolicy: boolean): Request {
  return {
    what: 'the bind',
    encode: (id) => encodeBind(id, name, password.reveal(), asksPolicy),
    accept: ({ op }) => (op === 'bind' ? 'expected' : 'unexpected'),
  };
}

function searchRequest(
  search: LdapSearch,
  cookie: Buffer | undefined,
  timeoutMs: number,
  { entries, references }: Found,
): Request {
  return {
    what: 'the search',
    encode: (id) => encodeSearch(id, search, Math.max(1, Math.ceil(timeoutMs / 1000)), cookie),
    accept: (response) => {
      if (response.op === 'entry') entries.push(response.entry);
      if (response.op === 'reference') references.push(...response.urls.slice(0, 1));
      if (response.op === 'oversize' || entries.length + references.length > MAX_ANSWER_ENTRIES) return 'too much';
      return response.op === 'bind' || response.op === 'extended' ? 'unexpected' : 'expected';
    },
  };
}
