// The file of revocations on disk, and the note beside it that tells a later broker what was in it.

import { readFile, stat } from 'node:fs/promises';
import { replaceFile } from '../files/replace.ts';
import { errorCode } from '../text/error-code.ts';
import { type Note, noteOf, type RevocationList } from './revocation-list.ts';
import { formatRevocations, type Parsed, parseNote, parseRevocations } from './revocation-text.ts';

/**
 * Changes with every change of the file: one that was renamed over it is another inode, one that was written in place has
 * another time. Undefined when there is none, or an empty one, which says as little.
 */
export async function stampOf(path: string): Promise<string | undefined> {
  const found = await unlessMissing(stat(path, { bigint: true }));
  if (found === undefined || found.size === 0n) return undefined;
  const { ino, mtimeNs, ctimeNs, size } = found;
  return [ino, mtimeNs, ctimeNs, size].join('/');
}

export async function readList(path: string): Promise<Parsed> {
  return parseRevocations(await readFile(path, 'utf8'));
}

/** Undefined when there is none; `fault` completes "<file> …". */
export async function readNote(path: string): Promise<Note | undefined | { readonly fault: string }> {
  const text = await unlessMissing(readFile(notePath(path), 'utf8'));
  if (text === undefined) return undefined;
  return parseNote(text) ?? { fault: 'has a note beside it that cannot be read' };
}

/** The list first: a note that is behind accuses nobody of a loss. */
export async function writeList(path: string, list: RevocationList, nonce: string): Promise<void> {
  await replaceFile(path, formatRevocations(list), nonce);
  await writeNote(path, list, nonce);
}

export async function writeNote(path: string, list: RevocationList, nonce: string): Promise<void> {
  await replaceFile(notePath(path), `${JSON.stringify(noteOf(list))}\n`, nonce);
}

function notePath(path: string): string {
  return `${path}.seen`;
}

async function unlessMissing<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
