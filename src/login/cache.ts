// The user's sign-ins on disk: one file per server and user name, which every kubectl of this user shares.

import { createHash } from 'node:crypto';
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Host } from '../files/holder.ts';
import { withLock } from '../files/lock.ts';
import {
  isPrivateFolder,
  makePrivateFolder,
  readExposed,
  readPrivate,
  removeFile,
  UnwritableFault,
  writePrivate,
} from '../files/private-file.ts';
import { errorWord } from '../text/error-code.ts';
import type { Machine } from './machine.ts';
import { type Prompts, parsePrompts, promptsText } from './prompts.ts';
import { isSameKey, parseSession, type Session, type SessionKey, sessionText } from './session.ts';

/** Every call may throw a FileFault, or reject with one. */
export interface Cache {
  /** Undefined when there is none, or what is there is no session. */
  read(key: SessionKey): Session | undefined;
  keep(session: Session): Promise<void>;
  forget(key: SessionKey): void;
  /** Forgets also who was asked (who logs out may log in again at once) and what an interrupted write left behind. */
  signOut(key: SessionKey): void;
  prompts(key: SessionKey): Prompts;
  keepPrompts(key: SessionKey, prompts: Prompts): Promise<void>;
  /** Runs `work` while no other process does for this key; undefined when that was waited for in vain. */
  locked<T>(key: SessionKey, work: () => Promise<T>): Promise<T | undefined>;
  /** All sessions of a server, the one without a given name first, then the latest. */
  ofServer(server: string): readonly Session[];
  /** As `ofServer`, those that other users can read too. */
  exposedOfServer(server: string): readonly Session[];
}

export interface CacheSeams {
  readonly machine: Host & Pick<Machine, 'uid'>;
  readonly randomBytes: (size: number) => Buffer;
}

/** Touches nothing until it is used; only what writes makes the folder. */
export function openCache(folder: string, { machine, randomBytes }: CacheSeams): Cache {
  const { uid } = machine;
  const nonce = () => randomBytes(12).toString('hex');
  const file = (key: SessionKey, ending: string) => join(folder, `${nameOf(key)}.${ending}`);
  const inFolder = (key: SessionKey, ending: string): string => {
    makePrivateFolder(folder, uid);
    return file(key, ending);
  };
  return {
    read: (key) => {
      if (!isPrivateFolder(folder, uid)) return undefined;
      const session = parseSession(readPrivate(file(key, 'json'), uid) ?? '');
      return session !== undefined && isSameKey(session, key) ? session : undefined;
    },
    keep: (session) => writePrivate(inFolder(session, 'json'), sessionText(session), nonce()),
    forget: (key) => removeFile(file(key, 'json')),
    signOut: (key) => {
      const [all, lock] = [`${nameOf(key)}.`, `${nameOf(key)}.lock`];
      for (const name of readdirSync(folder)) {
        if (name.startsWith(all) && name !== lock) removeFile(join(folder, name));
      }
    },
    prompts: (key) => parsePrompts(readPrivate(inFolder(key, 'asked'), uid)),
    keepPrompts: (key, prompts) => writePrivate(inFolder(key, 'asked'), promptsText(prompts), nonce()),
    locked: (key, work) => lockedFile(inFolder(key, 'lock'), { host: machine, nonce: nonce() }, work),
    ofServer: (server) =>
      isPrivateFolder(folder, uid) ? sessionsIn(folder, server, (path) => readPrivate(path, uid)) : [],
    exposedOfServer: (server) => sessionsIn(folder, server, readExposed),
  };
}

/** Somebody may look for a password first. */
const PATIENCE_MS = 5 * 60_000;

async function lockedFile<T>(
  path: string,
  seams: { readonly host: Host; readonly nonce: string },
  work: () => Promise<T>,
): Promise<T | undefined> {
  // What fails in the work is no fault of the lock.
  let done: Promise<T> | undefined;
  try {
    const locked = await withLock(path, { ...seams, patienceMs: PATIENCE_MS }, () => (done = work()));
    return locked?.value;
  } catch (error) {
    if (done !== undefined) throw error;
    throw new UnwritableFault(`cannot write ${path}: ${errorWord(error)}`);
  }
}

/** Hashed: a server and a name may hold what no file name may. */
function nameOf({ server, username }: SessionKey): string {
  return createHash('sha256')
    .update(JSON.stringify([server, username ?? null]))
    .digest('hex')
    .slice(0, 32);
}

function sessionsIn(folder: string, server: string, read: (path: string) => string | undefined): readonly Session[] {
  return namesIn(folder)
    .flatMap((name) => parseSession(read(join(folder, name)) ?? '') ?? [])
    .filter((session) => session.server === server)
    .toSorted(byUse);
}

function namesIn(folder: string): readonly string[] {
  if (lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  return readdirSync(folder).filter((name) => /^[0-9a-f]{32}\.json$/.test(name));
}

function byUse(a: Session, b: Session): number {
  if ((a.username === undefined) !== (b.username === undefined)) return a.username === undefined ? -1 : 1;
  return b.issuedAt - a.issuedAt;
}
