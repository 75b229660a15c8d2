// Revocations that all brokers share: taken from the store, kept on disk for a start without it, too old when it was lost for long.

import { constants, readFileSync } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock, Log } from '../core/seams.ts';
import { type EpochMs, type Unavailable, unavailable } from '../core/verdict.ts';
import { replaceFile } from '../files/replace.ts';
import type { SharedStore } from '../stores/shared.ts';
import { type SharedRevocation, sharedRevocations } from '../stores/shared-revocations.ts';
import { formatDuration } from '../text/duration.ts';
import { errorCode, errorWord } from '../text/error-code.ts';
import { isJsonList, isJsonObject, isText, parseJsonObject } from '../text/json.ts';
import { indexOf, type RevocationIndex } from './revocation-list.ts';
import type { Revocations, Unreadable } from './revocations.ts';

export interface SharedListSeams {
  readonly clock: Clock;
  readonly log: Log;
  readonly randomBytes: (size: number) => Buffer;
  /** This broker's snapshot; absent: a start without the store knows nothing. */
  readonly snapshotFile?: string;
}

interface Snapshot {
  readonly entries: readonly SharedRevocation[];
  /** When a comparison with the store last succeeded; undefined: never. */
  readonly knownGoodAt?: EpochMs;
}

/** A snapshot is written anew for what was learnt, and this often for its time. */
const SNAPSHOT_EVERY_MS = 10_000;

/**
 * `current` is unavailable (`revocations-unreadable`), with what is known beside, when the list was last compared longer ago
 * than `revocationsMaxAge`, or never; `add` (`revocations-unwritable`) while the store is lost.
 */
export function sharedList(store: SharedStore, seams: SharedListSeams): Revocations {
  const { clock } = seams;
  const { revocationsMaxAgeMs, keyPrefix } = store.settings;
  const snapshot = snapshots(seams);
  const before = snapshot.read();
  const shared = sharedRevocations({
    ask: store.askPatiently,
    kept: store.kept,
    sealer: store.sealer,
    clock,
    keyPrefix,
    snapshot: { entries: before.entries, ageMs: ageOf(before, clock.now()) },
    learnt: () => snapshot.keep(shared.known().entries, shared.change(), shared.known().ageMs),
  });
  let index: { readonly change: number; readonly of: RevocationIndex } | undefined;
  const known = (): RevocationIndex => {
    const change = shared.change();
    if (index?.change !== change) index = { change, of: indexOf([...shared.known().entries]) };
    return index.of;
  };
  const current = async (): Promise<RevocationIndex | Unreadable> => {
    const { ageMs } = shared.known();
    if (ageMs <= revocationsMaxAgeMs) return known();
    return { ...unavailable('revocations-unreadable', staleWords(ageMs, store)), known: known() };
  };
  return {
    current,
    add: async (entry) => {
      if (await shared.add('jti' in entry ? { jti: entry.jti } : laterThan(known(), entry))) return undefined;
      return unavailable('revocations-unwritable', `the shared store is lost: ${store.kept.fault() ?? 'no answer'}`);
    },
    begin: async () => snapshot.begin(),
    accept: async () => undefined,
    close: () => shared.close(),
  };
}

/** A user's later revocation is later than the one before, whatever the clock says: tokens were issued in between. */
function laterThan(
  known: RevocationIndex,
  { username, before }: { readonly username: string; readonly before: EpochMs },
) {
  return { username, before: Math.max(before, (known.before(username) ?? 0) + 1) };
}

function staleWords(ageMs: number, { kept }: SharedStore): string {
  const age = Number.isFinite(ageMs) ? `were last compared ${formatDuration(ageMs)} ago` : 'were never seen';
  return `the shared revocations ${age}: ${kept.fault() ?? 'the store answers again'}`;
}

/** A time that lies ahead is the word of a clock that was wrong, which tells no age. */
function ageOf({ knownGoodAt }: Snapshot, nowMs: EpochMs): number {
  return knownGoodAt === undefined || knownGoodAt > nowMs ? Number.POSITIVE_INFINITY : nowMs - knownGoodAt;
}

function snapshots({ snapshotFile: path, clock, log, randomBytes }: SharedListSeams) {
  let written = { change: -1, atMs: Number.NEGATIVE_INFINITY };
  let writing: Promise<void> | undefined;
  const write = async (file: string, snapshot: Snapshot): Promise<void> => {
    try {
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      await replaceFile(file, snapshotText(snapshot), randomBytes(12).toString('hex'));
    } catch (error) {
      log('error', 'the snapshot of revocations cannot be written', { file, code: errorWord(error) });
    }
  };
  return {
    /** A snapshot that could not be written would be missed when it is needed. */
    begin: async (): Promise<Unavailable | undefined> => {
      if (path === undefined) return undefined;
      try {
        await mkdir(dirname(path), { recursive: true, mode: 0o700 });
        await access(dirname(path), constants.W_OK);
        return undefined;
      } catch (error) {
        return unavailable('revocations-unwritable', `${path} cannot be written: ${errorWord(error)}`, error);
      }
    },
    read: (): Snapshot => (path === undefined ? NOTHING : readSnapshot(path, log)),
    keep: (entries: Iterable<SharedRevocation>, change: number, ageMs: number): void => {
      const nowMs = clock.monotonicMs();
      const isDue = change !== written.change || nowMs - written.atMs >= SNAPSHOT_EVERY_MS;
      if (path === undefined || writing !== undefined || !isDue || !Number.isFinite(ageMs)) return;
      written = { change, atMs: nowMs };
      writing = write(path, { entries: [...entries], knownGoodAt: clock.now() - ageMs }).finally(() => {
        writing = undefined;
      });
    },
  };
}

const NOTHING: Snapshot = { entries: [] };
const HEAD = '# A snapshot of the revocations that brokers share; written by kube-auth-broker.\n';

function snapshotText({ entries, knownGoodAt = 0 }: Snapshot): string {
  const lines = entries.map((entry) => JSON.stringify(entry));
  return `${HEAD}{"knownGoodAt":"${new Date(knownGoodAt).toISOString()}","entries":[\n${lines.join(',\n')}\n]}\n`;
}

/** What cannot be read is no snapshot: then nothing is known until the store is found. */
function readSnapshot(path: string, log: Log): Snapshot {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') log('error', 'the snapshot of revocations cannot be read', { path });
    return NOTHING;
  }
  const { knownGoodAt, entries } = parseJsonObject(text.replace(/^#.*\n/, '')) ?? {};
  const atMs = typeof knownGoodAt === 'string' ? Date.parse(knownGoodAt) : Number.NaN;
  const known = (isJsonList(entries) ? entries : []).map(entryOf);
  if (!isJsonList(entries) || Number.isNaN(atMs) || known.includes(undefined)) {
    log('error', 'the snapshot of revocations is damaged and not used', { path });
    return NOTHING;
  }
  return { entries: known.filter((entry) => entry !== undefined), knownGoodAt: atMs };
}

function entryOf(item: unknown): SharedRevocation | undefined {
  if (!isJsonObject(item)) return undefined;
  const { jti, username, before } = item;
  if (isText(jti)) return { jti };
  return isText(username) && typeof before === 'number' ? { username, before } : undefined;
}
