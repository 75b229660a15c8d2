// Revocations in force on every broker: pushed when they happen, compared every half second, and never forgotten with the store.

import type { Clock } from '../core/seams.ts';
import type { EpochMs } from '../core/verdict.ts';
import type { JsonObject } from '../text/json.ts';
import { isText } from '../text/json.ts';
import type { KeptConnection } from './kept-connection.ts';
import type { Ask, Found } from './questions.ts';
import type { RedisConnection } from './redis.ts';
import type { Sealer } from './sealed.ts';

/** One token, or every token that a user was given before. */
export type SharedRevocation = { readonly jti: string } | { readonly username: string; readonly before: EpochMs };

export interface SharedRevocations {
  /** Every revocation that this broker has ever heard of, and for how long that may have been out of date. */
  readonly known: () => { readonly entries: Iterable<SharedRevocation>; readonly ageMs: number };
  /** Changes with every entry, so that an index need not be made anew for each look. */
  change(): number;
  /** True once the store has it, which all other brokers then hear of; false when the store is lost. */
  add(entry: SharedRevocation): Promise<boolean>;
  close(): void;
}

export interface SharedRevocationSeams {
  readonly ask: Ask;
  readonly kept: Pick<KeptConnection, 'onFound'>;
  readonly sealer: Sealer;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly keyPrefix: string;
  /** What a broker of before had heard of, and how old that was. */
  readonly snapshot: { readonly entries: readonly SharedRevocation[]; readonly ageMs: number };
  /** Called when something was learnt, and each time the list was found to be up to date. */
  readonly learnt: () => void;
}

const COMPARE_EVERY_MS = 500;
/** The store's name for the end of time: a revocation has no time of its own. */
const FOR_EVER = Number.MAX_SAFE_INTEGER;

/**
 * Counts the change with the entry, so that a broker that missed one notices. Returns the count. What is no list, or no count,
 * is nobody's, and would refuse every revocation to come.
 */
const ADD = `
if redis.call('TYPE', KEYS[1]).ok ~= 'hash' then redis.call('DEL', KEYS[1]) end
local count = redis.call('TYPE', KEYS[2]).ok == 'string' and redis.call('GET', KEYS[2]) or ''
if #count > 15 or not string.match(count, '^%d+$') then redis.call('DEL', KEYS[2]) end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
local change = redis.call('INCR', KEYS[2])
redis.call('PUBLISH', ARGV[3], ARGV[1] .. ' ' .. ARGV[2])
return change`;

const LOOK = `
local isList = redis.call('TYPE', KEYS[1]).ok == 'hash'
local isCount = redis.call('TYPE', KEYS[2]).ok == 'string'
return { isCount and redis.call('GET', KEYS[2]) or '', isList and redis.call('HLEN', KEYS[1]) or -1 }`;

const ALL = `return redis.call('TYPE', KEYS[1]).ok == 'hash' and redis.call('HGETALL', KEYS[1]) or {}`;

/** Entries by the name that the store has for them. */
type Entries = Map<string, SharedRevocation>;

export function sharedRevocations(seams: SharedRevocationSeams): SharedRevocations {
  const { sealer, clock, snapshot, kept } = seams;
  const book = openBook(seams);
  const remote = remoteList(seams);
  let goodAtMs = clock.monotonicMs() - snapshot.ageMs;
  // What the store looked like, and how much was known, when both had the same.
  let same = '';
  const state = (look: string): string => `${look}/${book.changes()}`;
  /** Takes what the store has, and gives it back what it has lost. True when both then have the same. */
  const catchUp = async (look: string): Promise<boolean> => {
    const all = await remote.all();
    if (all === undefined) return false;
    for (const [field, entry] of all) book.learn(field, entry);
    const lost = [...book.entries].filter(([field, entry]) => later(all.get(field), entry) !== all.get(field));
    const written = await Promise.all(lost.map(([field, entry]) => remote.write(field, entry)));
    if (lost.length === 0) same = state(look);
    return written.every(Boolean);
  };
  const compare = async (): Promise<void> => {
    const look = await remote.look();
    if (look === undefined || (state(look) !== same && !(await catchUp(look)))) return;
    goodAtMs = clock.monotonicMs();
    seams.learnt();
  };
  kept.onFound((connection) => {
    void connection.subscribe(remote.channel, (message) => book.hear(message)).catch(() => undefined);
    void compare();
  });
  const timer = setInterval(() => void compare(), COMPARE_EVERY_MS).unref();
  return {
    known: () => ({ entries: book.entries.values(), ageMs: clock.monotonicMs() - goodAtMs }),
    change: () => book.changes(),
    add: async (entry) => {
      const field = fieldOf(sealer, entry);
      const merged = later(book.entries.get(field), entry);
      if (!(await remote.write(field, merged))) return false;
      book.learn(field, merged);
      return true;
    },
    close: () => clearInterval(timer),
  };
}

/** What this broker has heard of; nothing is ever taken off. */
function openBook({ sealer, snapshot, learnt }: SharedRevocationSeams) {
  const entries: Entries = new Map(snapshot.entries.map((entry) => [fieldOf(sealer, entry), entry]));
  let changes = 0;
  const learn = (field: string, entry: SharedRevocation): void => {
    const merged = later(entries.get(field), entry);
    if (merged === entries.get(field)) return;
    entries.set(field, merged);
    changes += 1;
    learnt();
  };
  const hear = (message: string): void => {
    const [field = '', sealed = ''] = message.split(' ', 2);
    const entry = opened(sealer, field, sealed);
    if (entry !== undefined) learn(field, entry);
  };
  return { entries, learn, hear, changes: () => changes };
}

/** The list as the store has it. */
function remoteList({ ask, sealer, keyPrefix }: SharedRevocationSeams) {
  const names = namesOf(keyPrefix);
  const { hash, counter, channel } = names;
  return {
    channel,
    look: () => ask('revocation', (connection) => lookAt(connection, names)),
    all: () => ask('revocation', (connection) => readAll(connection, names, sealer)),
    write: async (field: string, entry: SharedRevocation): Promise<boolean> => {
      const sealed = sealer.seal(placeOf(field), entry, FOR_EVER);
      const added = await ask('revocation', async (connection): Promise<Found<true>> => {
        await connection.send(hash, ['EVAL', ADD, '2', hash, counter, field, sealed, channel]);
        return { kind: 'found', value: true };
      });
      return added === true;
    },
  };
}

interface Names {
  readonly hash: string;
  readonly counter: string;
  readonly channel: string;
}

/** In one slot of a cluster, by the hash tag. */
function namesOf(keyPrefix: string): Names {
  const hash = `${keyPrefix}{revocations}`;
  return { hash, counter: `${hash}:changes`, channel: `${hash}:added` };
}

function fieldOf(sealer: Sealer, entry: SharedRevocation): string {
  return sealer.nameOf('jti' in entry ? `revoked/jti/${entry.jti}` : `revoked/user/${entry.username}`);
}

const placeOf = (field: string): string => `revoked/${field}`;

/** A count of changes and of entries: a store that was wiped, rolled back or robbed of an entry shows another pair. */
async function lookAt(connection: RedisConnection, { hash, counter }: Names): Promise<Found<string>> {
  const look = await connection.send(hash, ['EVAL', LOOK, '2', hash, counter]);
  return Array.isArray(look) ? { kind: 'found', value: look.join('/') } : { kind: 'rejected' };
}

async function readAll(connection: RedisConnection, { hash }: Names, sealer: Sealer): Promise<Found<Entries>> {
  const pairs = await connection.send(hash, ['EVAL', ALL, '1', hash]);
  const flat: readonly unknown[] = Array.isArray(pairs) ? pairs : Object.entries(pairs ?? {}).flat();
  const value: Entries = new Map();
  for (let at = 0; at + 1 < flat.length; at += 2) {
    const field = String(flat[at]);
    const entry = opened(sealer, field, String(flat[at + 1]));
    if (entry !== undefined) value.set(field, entry);
  }
  return { kind: 'found', value };
}

/** Sealed by a broker for this very field; undefined for what somebody else put there. */
function opened(sealer: Sealer, field: string, sealed: string): SharedRevocation | undefined {
  const entry = entryOf(sealer.open(placeOf(field), sealed, 0) ?? {});
  return entry !== undefined && fieldOf(sealer, entry) === field ? entry : undefined;
}

function entryOf({ jti, username, before }: JsonObject): SharedRevocation | undefined {
  if (isText(jti)) return { jti };
  return isText(username) && typeof before === 'number' ? { username, before } : undefined;
}

/** A user's revocation only ever moves forward: an older copy of it, put back by somebody, changes nothing. */
function later(known: SharedRevocation | undefined, found: SharedRevocation): SharedRevocation {
  if (known === undefined) return found;
  return 'before' in known && 'before' in found && found.before > known.before ? found : known;
}
