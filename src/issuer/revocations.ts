// Which tokens are no longer good: a file that this process and others change, looked at with every review.

import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Seams } from '../core/seams.ts';
import { type Unavailable, unavailable } from '../core/verdict.ts';
import { thisHost } from '../files/holder.ts';
import { withLock } from '../files/lock.ts';
import { errorWord } from '../text/error-code.ts';
import { readList, readNote, stampOf, writeList, writeNote } from './revocation-file.ts';
import {
  acceptedList,
  headOf,
  indexOf,
  lossSince,
  lossSinceNote,
  type Revocation,
  type RevocationIndex,
  type RevocationList,
  withRevocation,
} from './revocation-list.ts';

/** Nobody can tell whether a token was revoked; of what is known all the same, every entry still holds. */
export interface Unreadable extends Unavailable {
  readonly known?: RevocationIndex;
}

export interface Revocations {
  /**
   * As the file is now, whoever changed it. Never throws; unavailable (`revocations-unreadable`) when it cannot be read, is
   * not what it should be, has gone, or has lost entries: a token may have been revoked, and nobody can tell.
   */
  current(): Promise<RevocationIndex | Unreadable>;
  /** Resolves once it is on disk; unavailable (`revocations-unwritable`) when it is not. Never throws. */
  add(entry: Revocation): Promise<Unavailable | undefined>;
  /** For the start of a broker: makes the file where there has never been one. As `add`. */
  begin(): Promise<Unavailable | undefined>;
  /** An operator's word that the file is right as it is, although it has gone or has lost entries. As `add`. */
  accept(): Promise<Unavailable | undefined>;
  /** Ends what goes on in the background. */
  close(): void;
}

export interface RevocationsSeams extends Pick<Seams, 'clock' | 'randomBytes'> {
  /** No token lives longer. */
  readonly lifetimeMaxMs: number;
}

/** The file as it was seen last. */
interface Known {
  /** Undefined: there has never been one. */
  readonly stamp: string | undefined;
  readonly list: RevocationList;
  readonly index: RevocationIndex;
  /** When, on the monotonic clock, this process first saw the list watched for as long as it says. */
  readonly sinceMs: number;
}

type Work = (nonce: string, isHeld: () => Promise<boolean>) => Promise<Unavailable | undefined>;

/** How long a change waits for those of other processes. */
const PATIENCE_MS = 15_000;

/** Costs one `stat` per look while the file does not change. Opens nothing by itself. */
export function revocations(path: string, { clock, randomBytes, lifetimeMaxMs }: RevocationsSeams): Revocations {
  const load = loader(path, clock);
  const exclusively = writer(path, randomBytes);
  const append = (entries: readonly Revocation[]): Promise<Unavailable | undefined> =>
    exclusively(async (nonce, isHeld) => {
      const known = await load();
      if ('kind' in known) return known;
      const watchedMs = headOf(known.list).watchedMs + Math.floor(clock.monotonicMs() - known.sinceMs);
      // A margin of one more lifetime, for clocks that are wrong by less than that.
      const time = { watchedMs, keptMs: 2 * lifetimeMaxMs };
      const next = entries.reduce((list, entry) => withRevocation(list, entry, time), known.list);
      // Who was stopped for so long that another process took the lock would undo what that one wrote.
      if (!(await isHeld())) return unwritable(path, 'EBUSY');
      await writeList(path, next, nonce);
      return faultOf(await load());
    });
  return {
    current: async () => {
      const known = await load();
      return 'kind' in known ? known : known.index;
    },
    add: gathered(append),
    close: () => undefined,
    begin: () =>
      exclusively(async (nonce) => {
        const known = await load();
        if ('kind' in known) return known;
        if (known.stamp !== undefined) await writeNote(path, known.list, nonce);
        else await writeList(path, { head: headOf(known.list), entries: [] }, nonce);
        return faultOf(await load());
      }),
    accept: () =>
      exclusively(async (nonce) => {
        const read = (await stampOf(path)) === undefined ? { list: { entries: [] } } : await readList(path);
        if ('fault' in read) return unreadable(path, read.fault);
        const note = await readNote(path);
        await writeList(path, acceptedList(read.list, note && 'fault' in note ? undefined : note, clock.now()), nonce);
        return faultOf(await load());
      }),
  };
}

/** Runs one change of the file at a time, whichever process makes it. */
function writer(path: string, randomBytes: RevocationsSeams['randomBytes']): (work: Work) => ReturnType<Work> {
  return async (work) => {
    const nonce = randomBytes(12).toString('hex');
    try {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      const lock = { host: thisHost(), nonce, patienceMs: PATIENCE_MS };
      const done = await withLock(`${path}.lock`, lock, (isHeld) => work(nonce, isHeld));
      return done === undefined ? unwritable(path, 'EBUSY') : done.value;
    } catch (error) {
      return unwritable(path, errorWord(error), error);
    }
  };
}

/** One write for all that are added while another is under way: hundreds may log out in one second. */
function gathered<T, R>(write: (items: readonly T[]) => Promise<R>): (item: T) => Promise<R> {
  let waiting: T[] = [];
  let last: Promise<unknown> = Promise.resolve();
  let next: Promise<R> | undefined;
  return (item) => {
    waiting.push(item);
    next ??= last.then(() => {
      const items = waiting;
      waiting = [];
      next = undefined;
      return write(items);
    });
    last = next.catch(() => undefined);
    return next;
  };
}

/** Looks at the file; remembers it as it was when it was last in order. */
function loader(path: string, clock: RevocationsSeams['clock']): () => Promise<Known | Unavailable> {
  let known: Known | undefined;
  const look = async (): Promise<Known | Unavailable> => {
    // Before the file: a list is written before its note, so where there is a note there is a list.
    const note = known === undefined ? await readNote(path) : undefined;
    const stamp = await stampOf(path);
    if (known !== undefined && stamp === known.stamp) return known;
    if (note !== undefined && 'fault' in note) return unreadable(path, note.fault);
    const mustBe = known !== undefined || note !== undefined;
    if (stamp === undefined) return mustBe ? unreadable(path, `has gone. ${ACCEPT}`) : neverMade(clock);
    const read = await readList(path);
    if ('fault' in read) return unreadable(path, read.fault);
    const { list } = read;
    const loss = known === undefined ? note && lossSinceNote(note, list) : lossSince(known.list, list);
    if (loss !== undefined) return unreadable(path, `${loss}. ${ACCEPT}`);
    const isWatched = known !== undefined && headOf(known.list).watchedMs === headOf(list).watchedMs;
    const sinceMs = isWatched && known !== undefined ? known.sinceMs : clock.monotonicMs();
    known = { stamp, list, index: indexOf(list.entries), sinceMs };
    return known;
  };
  return async () => {
    try {
      return await look();
    } catch (error) {
      return unreadable(path, `cannot be read: ${errorWord(error)}`, error);
    }
  };
}

const ACCEPT = 'Restore it from a backup, or take it as it is with: kube-auth-broker issuer revocations --accept';

function neverMade(clock: RevocationsSeams['clock']): Known {
  return { stamp: undefined, list: { entries: [] }, index: indexOf([]), sinceMs: clock.monotonicMs() };
}

function faultOf(looked: Known | Unavailable): Unavailable | undefined {
  return 'kind' in looked ? looked : undefined;
}

function unreadable(path: string, fault: string, cause?: unknown): Unavailable {
  return unavailable('revocations-unreadable', `${path} ${fault}`, cause);
}

function unwritable(path: string, code: string, cause?: unknown): Unavailable {
  return unavailable('revocations-unwritable', `${path} cannot be written: ${code}`, cause);
}
