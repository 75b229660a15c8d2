// Verdicts that every broker finds: what one has evaluated, the others need not ask their upstreams again.

import type { StoreWait } from '../core/authenticator.ts';
import type { Fingerprint } from '../core/fingerprint.ts';
import type { Decision } from '../core/identity.ts';
import type { Clock } from '../core/seams.ts';
import type { EpochMs, Unavailable, Verdict } from '../core/verdict.ts';
import { isJsonObject, isText, type JsonObject, stringList } from '../text/json.ts';
import type { Ask, Found } from './questions.ts';
import type { RedisConnection } from './redis.ts';
import type { Sealer } from './sealed.ts';

/** What may be remembered: authenticated or refused, never an outage. */
export type Final = Exclude<Verdict<Decision>, Unavailable>;

export interface KeptVerdict {
  readonly verdict: Final;
  /** On the wall clock, as the broker that evaluated it had it. */
  readonly freshUntil: EpochMs;
}

export interface SharedVerdicts {
  /** A fresh verdict of any broker; undefined also when the store cannot tell. Never rejects. */
  find(fingerprint: Fingerprint, wait?: StoreWait): Promise<KeptVerdict | undefined>;
  /** Hands it on in the background; a store that is lost misses it. */
  keep(fingerprint: Fingerprint, kept: KeptVerdict): void;
}

/** One that is longer was not written by a broker: a thousand groups of 64 characters fit in. */
export const MAX_VALUE_BYTES = 64 * 1024;

export interface SharedVerdictSeams {
  readonly ask: Ask;
  readonly sealer: Sealer;
  readonly clock: Pick<Clock, 'now'>;
  /** In front of every key. */
  readonly keyPrefix: string;
}

const placeOf = (fingerprint: Fingerprint): string => `verdict/${fingerprint}`;

/** Fingerprints are made with the key that all brokers share, and hold a digest of the configuration. */
export function sharedVerdicts({ ask, sealer, clock, keyPrefix }: SharedVerdictSeams): SharedVerdicts {
  const keyOf = (place: string): string => `${keyPrefix}verdict:${sealer.nameOf(place)}`;
  return {
    find: (fingerprint, wait) => {
      const place = placeOf(fingerprint);
      return ask(
        'verdict_get',
        async (connection): Promise<Found<KeptVerdict>> => {
          const sealed = await shortText(connection, keyOf(place));
          if (sealed === undefined) return { kind: 'rejected' };
          if (sealed === '') return { kind: 'miss' };
          const kept = keptVerdict(sealer.open(place, sealed, clock.now()));
          return kept === undefined ? { kind: 'rejected' } : { kind: 'found', value: kept };
        },
        wait,
      );
    },
    keep: (fingerprint, { verdict, freshUntil }) => {
      const leftMs = Math.floor(freshUntil - clock.now());
      if (leftMs < 1) return;
      const place = placeOf(fingerprint);
      const sealed = sealer.seal(place, { verdict, freshUntil }, freshUntil);
      if (sealed.length > MAX_VALUE_BYTES) return;
      void ask('verdict_put', async (connection): Promise<Found<true>> => {
        const key = keyOf(place);
        await connection.send(key, ['SET', key, sealed, 'PX', String(leftMs)]);
        return { kind: 'found', value: true };
      });
    },
  };
}

/** The text at a key, empty when there is none; undefined when it is longer than any of ours, of which only a part is read. */
export async function shortText(connection: RedisConnection, key: string): Promise<string | undefined> {
  const text = await connection.send(key, ['GETRANGE', key, '0', String(MAX_VALUE_BYTES)]);
  return typeof text === 'string' && text.length <= MAX_VALUE_BYTES ? text : undefined;
}

/** A broker sealed it; one of another version may have meant something else by it, which counts as not ours. */
function keptVerdict(content: JsonObject | undefined): KeptVerdict | undefined {
  const { verdict, freshUntil } = content ?? {};
  if (!isJsonObject(verdict) || typeof freshUntil !== 'number') return undefined;
  return isFinal(verdict) ? { verdict, freshUntil } : undefined;
}

function isFinal(verdict: JsonObject): verdict is JsonObject & Final {
  const { kind, reason, value } = verdict;
  if (kind !== 'authenticated') return (kind === 'abstained' || kind === 'rejected') && isText(reason);
  const identity = isJsonObject(value) ? value['identity'] : undefined;
  if (!isJsonObject(identity) || !isText(identity['username']) || !isJsonObject(identity['extra'])) return false;
  return stringList(identity['groups']) !== undefined;
}
