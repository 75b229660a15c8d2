// How many wrong passwords one address may try for one name: so few that it cannot use up the name's budget alone.

import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import { LRUCache } from 'lru-cache';
import { canonicalName } from '../core/identity.ts';
import type { Clock } from '../core/seams.ts';
import type { EpochMs } from '../core/verdict.ts';

/** The budget of a name at each provider, `limits.failedPasswords`. */
export interface NameBudget {
  readonly max: number;
  readonly windowMs: number;
}

/** One attempt under way. */
export interface Turn {
  /** Until when this address has used up its share for the name; absent: it may guess. */
  readonly untilMs?: EpochMs;
  readonly end: (wasWrong: boolean) => void;
}

export interface AddressShares {
  /** Waits while as many attempts are under way as the address may have: they may all be right. */
  enter(address: string, username: string, budget: NameBudget): Promise<Turn>;
}

interface Tried {
  /** On the monotonic clock, oldest first. */
  wrongAt: readonly number[];
  underWay: number;
  /** Resolves when an attempt has ended. */
  next: PromiseWithResolvers<void>;
}

/** More names and addresses than guess at a time; for the rest the budget of the name is left. */
const MAX_KEPT = 10_000;

/** For the life of the process: a reload gives nobody new guesses. */
export function addressShares(clock: Clock): AddressShares {
  const kept = new LRUCache<string, Tried>({ max: MAX_KEPT });
  return {
    enter: async (address, username, { max, windowMs }) => {
      const share = shareOf(max);
      const key = keyOf(address, username);
      const tried = kept.get(key) ?? { wrongAt: [], underWay: 0, next: Promise.withResolvers<void>() };
      kept.set(key, tried);
      const recent = (): readonly number[] => tried.wrongAt.filter((atMs) => clock.monotonicMs() - atMs < windowMs);
      while (recent().length < share && recent().length + tried.underWay >= share) {
        // oxlint-disable-next-line no-await-in-loop -- each attempt that ends may leave room for this one
        await tried.next.promise;
      }
      const [oldest] = recent().slice(-share);
      const isOver = recent().length >= share && oldest !== undefined;
      tried.underWay += 1;
      return {
        ...(isOver && { untilMs: clock.now() + oldest + windowMs - clock.monotonicMs() }),
        end: (wasWrong) => {
          tried.underWay -= 1;
          tried.wrongAt = wasWrong ? [...recent(), clock.monotonicMs()].slice(-share) : recent();
          tried.next.resolve();
          tried.next = Promise.withResolvers<void>();
        },
      };
    },
  };
}

/** Three of the five that are the default; what is left is for the owner, who may be anywhere else. */
export function shareOf(max: number): number {
  return Math.max(1, Math.ceil(max / 2));
}

/** Typed names may be passwords: only a digest is kept. */
function keyOf(address: string, username: string): string {
  return createHash('sha256')
    .update(`${networkOf(address)} ${canonicalName(username)}`)
    .digest('base64');
}

/** One customer has a whole /64 of IPv6 (RFC 6177). */
function networkOf(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = '', tail] = address.split('::');
  const left = head.split(':').filter((group) => group !== '');
  const groups = tail === undefined ? left : [...left, ...Array.from({ length: 8 - left.length }, () => '0')];
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16))
    .join(':');
}
