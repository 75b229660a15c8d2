// Failed passwords counted once for all brokers: by the store itself, before the upstream is asked.

import type { StoreWait } from '../core/authenticator.ts';
import type { Clock } from '../core/seams.ts';
import type { Ask, Found } from './questions.ts';
import type { RedisConnection } from './redis.ts';
import type { Sealer } from './sealed.ts';
import { MAX_VALUE_BYTES } from './shared-verdicts.ts';

/** Fingerprints of what is counted, the same on every broker: a name or an account, and a password of it. */
export interface AttemptKeys {
  readonly name: string;
  readonly password?: string;
}

export interface Attempt {
  /** Attempts of the name within the window that failed or are under way, this one included. */
  readonly ofName: number;
  /** The same of this password of the name. */
  readonly ofPassword: number;
  /** The password was accepted at any broker within the last hour. */
  readonly isVerified: boolean;
  /**
   * `refused`: it goes on counting. `accepted`: the failures of the name are forgotten. `back`: it counts no more, also where it
   * was refused before.
   */
  end(outcome: 'refused' | 'accepted' | 'back'): void;
}

export interface SharedFailures {
  /** Counts an attempt before it is made; undefined when the store cannot tell. Never rejects. */
  begin(keys: AttemptKeys, wait?: StoreWait): Promise<Attempt | undefined>;
}

export interface SharedFailureSeams {
  readonly ask: Ask;
  readonly sealer: Sealer;
  readonly clock: Pick<Clock, 'now'>;
  readonly randomBytes: (size: number) => Buffer;
  readonly keyPrefix: string;
  readonly windowMs: number;
  /** Whose names these are: the same name elsewhere is another one. */
  readonly accounts: string;
}

/** A password that the upstream accepted this recently is let through even when a sprayer has used up the budget. */
export const VERIFIED_FOR_MS = 3_600_000;

/**
 * No review takes as long. What is under way for longer has an end that was lost with a broker or with the store, and would
 * keep people with the right password out for the whole window; the broker that knows the end has counted it for itself.
 */
export const UNDER_WAY_FOR_MS = 15_000;

/** Members of a sorted set by the store's own time: `p:` is under way, `f:` has failed. */
const BEGIN = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local counts = {}
for i = 1, 2 do
  redis.call('ZREMRANGEBYSCORE', KEYS[i], '-inf', now - ARGV[2])
  for _, member in ipairs(redis.call('ZRANGEBYSCORE', KEYS[i], '-inf', now - ARGV[4])) do
    if string.sub(member, 1, 2) == 'p:' then redis.call('ZREM', KEYS[i], member) end
  end
  redis.call('ZADD', KEYS[i], now, 'p:' .. ARGV[1])
  redis.call('PEXPIRE', KEYS[i], ARGV[2])
  counts[i] = redis.call('ZCARD', KEYS[i])
end
return { counts[1], counts[2], redis.call('GETRANGE', KEYS[3], 0, ARGV[3]) }`;

const END = `
for i = 1, 2 do
  local began = redis.call('ZSCORE', KEYS[i], 'p:' .. ARGV[1])
  redis.call('ZREM', KEYS[i], 'p:' .. ARGV[1])
  if ARGV[2] == 'back' then redis.call('ZREM', KEYS[i], 'f:' .. ARGV[1]) end
  if ARGV[2] == 'refused' and began then redis.call('ZADD', KEYS[i], began, 'f:' .. ARGV[1]) end
  if ARGV[2] == 'accepted' then
    for _, member in ipairs(redis.call('ZRANGE', KEYS[i], 0, -1)) do
      if string.sub(member, 1, 2) == 'f:' then redis.call('ZREM', KEYS[i], member) end
    end
  end
end
if ARGV[2] == 'accepted' then redis.call('SET', KEYS[3], ARGV[3], 'PX', ARGV[4]) end
if ARGV[2] == 'refused' then redis.call('DEL', KEYS[3]) end
return 1`;

export function sharedFailures(seams: SharedFailureSeams): SharedFailures {
  const { ask, sealer, clock, randomBytes, windowMs, accounts } = seams;
  return {
    begin: async ({ name: bare, password }, wait) => {
      const name = `${accounts}/${bare}`;
      const id = randomBytes(12).toString('base64url');
      const place = `verified/${name}/${password ?? ''}`;
      const keys = keysOf(seams, name, password);
      const run = (connection: RedisConnection, script: string, args: readonly string[]): Promise<unknown> =>
        connection.send(keys[0], ['EVAL', script, '3', ...keys, id, ...args]);
      let isGivenUp = false;
      const count = async (connection: RedisConnection): Promise<Found<Counts>> => {
        const found = await run(connection, BEGIN, [windowMs, MAX_VALUE_BYTES, UNDER_WAY_FOR_MS].map(String));
        // The store counted it too late for anybody to end it.
        if (isGivenUp) await run(connection, END, ['back', '', '1']);
        return isCounts(found) ? { kind: 'found', value: found } : { kind: 'rejected' };
      };
      const counts = await ask('budget', count, wait);
      isGivenUp = counts === undefined;
      if (counts === undefined) return undefined;
      const [ofName, ofPassword, sealed] = counts;
      return {
        ofName,
        ofPassword,
        isVerified: sealer.open(place, sealed, clock.now()) !== undefined,
        end: (outcome) => {
          const proof = sealer.seal(place, {}, clock.now() + VERIFIED_FOR_MS);
          void ask('budget', async (connection): Promise<Found<true>> => {
            await run(connection, END, [outcome, proof, String(VERIFIED_FOR_MS)]);
            return { kind: 'found', value: true };
          });
        },
      };
    },
  };
}

/** In one slot of a cluster, by the hash tag. */
function keysOf(
  { sealer, keyPrefix }: SharedFailureSeams,
  name: string,
  password = '',
): readonly [string, string, string] {
  const tag = `${keyPrefix}failed:{${sealer.nameOf(`failed/${name}`)}}`;
  const part = sealer.nameOf(`failed/${name}/${password}`);
  return [tag, `${tag}:${part}`, `${tag}:${part}:verified`];
}

/** Attempts of the name and of the password, and the proof of an accepted one, sealed. */
type Counts = readonly [number, number, string];

function isCounts(found: unknown): found is Counts {
  if (!Array.isArray(found)) return false;
  const [ofName, ofPassword, sealed]: readonly unknown[] = found;
  return typeof ofName === 'number' && typeof ofPassword === 'number' && typeof sealed === 'string';
}
