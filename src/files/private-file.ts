// Files that hold a token: of this user, readable by nobody else, never behind a symbolic link.

import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  type Stats,
} from 'node:fs';
import { errorWord } from '../text/error-code.ts';
import { replaceFile } from './replace.ts';

/** A file or folder cannot be used as it is; the message is a sentence for its owner. */
export class FileFault extends Error {}

/** Nothing can be written in this place, so another one is the cure. */
export class UnwritableFault extends FileFault {}

/** A session with a thousand groups has 300 KiB at most. */
const MAX_BYTES = 1024 * 1024;
const FOR_OTHERS = 0o077;
/** Windows knows no symbolic link that a user could plant. */
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0;

/** Makes the folder when it is missing, or {@link UnwritableFault}; {@link FileFault} as {@link isPrivateFolder}. */
export function makePrivateFolder(path: string, uid: number | undefined): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new UnwritableFault(`cannot make the folder ${path}: ${errorWord(error)}`);
  }
  isPrivateFolder(path, uid);
}

/** False when there is none; {@link FileFault} when it is a link, somebody else's, or open to others. */
export function isPrivateFolder(path: string, uid: number | undefined): boolean {
  const stat = statOf(path);
  if (stat === undefined) return false;
  if (!stat.isDirectory()) throw new FileFault(`${path} is not a folder; a symbolic link is not followed`);
  refuseOthers(path, stat, uid);
  return true;
}

function statOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw new UnwritableFault(`cannot use the folder ${path}: ${errorWord(error)}`);
  }
}

/** The text, or undefined when there is no such file; {@link FileFault} as {@link isPrivateFolder}. */
export function readPrivate(path: string, uid: number | undefined): string | undefined {
  return readOpened(path, (stat) => refuseOthers(path, stat, uid));
}

/** As {@link readPrivate}, of a file that others can read too: to revoke what is in it. */
export function readExposed(path: string): string | undefined {
  return readOpened(path, () => undefined);
}

function readOpened(path: string, check: (stat: Stats) => void): string | undefined {
  const fd = openForReading(path);
  if (fd === undefined) return undefined;
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) throw new FileFault(`${path} is not a file; remove it`);
    check(stat);
    return stat.size > MAX_BYTES ? '' : readFileSync(fd, 'utf8');
  } finally {
    closeSync(fd);
  }
}

/** As {@link replaceFile}; {@link UnwritableFault} when it cannot be written. */
export async function writePrivate(path: string, text: string, nonce: string): Promise<void> {
  try {
    await replaceFile(path, text, nonce);
  } catch (error) {
    throw new UnwritableFault(`cannot write ${path}: ${errorWord(error)}`);
  }
}

/** A link is removed, not what it points to. */
export function removeFile(path: string): void {
  rmSync(path, { force: true });
}

function openForReading(path: string): number | undefined {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | NO_FOLLOW);
  } catch (error) {
    const code = errorWord(error);
    if (code === 'ENOENT') return undefined;
    const why = code === 'ELOOP' || code === 'EMLINK' ? 'it is a symbolic link, which is not followed' : code;
    throw new FileFault(`cannot read ${path}: ${why}; remove it`);
  }
}

function refuseOthers(path: string, stat: Stats, uid: number | undefined): void {
  if (uid === undefined) return;
  if (stat.uid !== uid) throw new FileFault(`${path} belongs to another user (uid ${stat.uid}); it is not used`);
  if ((stat.mode & FOR_OTHERS) === 0) return;
  const mode = (stat.mode & 0o777).toString(8).padStart(4, '0');
  const mend = stat.isDirectory() ? `chmod 700 ${path}` : 'log out, which revokes the token that others may have read';
  throw new FileFault(`${path} is open to other users (mode ${mode}) and is not used: ${mend}`);
}
