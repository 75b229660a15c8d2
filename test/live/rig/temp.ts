// Scratch folders of the live tests' servers; they disappear with the test process.
import { chmodSync, chownSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { KeyPair } from './pki.ts';
import { unprivilegedOwner } from './process.ts';

const folders = new Set<string>();

/** A new folder, writable for servers that gave up root; removed with all its content when this process exits. */
export function temporaryFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `kab-${name}-`));
  chmodSync(folder, 0o755);
  giveToServer(folder);
  folders.add(folder);
  process.off('exit', removeFolders).once('exit', removeFolders);
  return folder;
}

/** A folder inside a temporary one, with the same owner. */
export function subfolder(parent: string, name: string, mode = 0o755): string {
  const folder = join(parent, name);
  mkdirSync(folder, { mode });
  giveToServer(folder);
  return folder;
}

/** A file that an unprivileged server may read and nobody else, as Samba demands of a key. */
export function fileForServer(folder: string, name: string, content: string): string {
  const file = join(folder, name);
  writeFileSync(file, content, { mode: 0o600 });
  giveToServer(file);
  return file;
}

/** Copies a certificate and its key to where an unprivileged server may read them. */
export function keyPairForServer(folder: string, pair: KeyPair): KeyPair {
  return { certFile: copyForServer(folder, pair.certFile), keyFile: copyForServer(folder, pair.keyFile) };
}

export function copyForServer(folder: string, source: string): string {
  const copy = join(folder, basename(source));
  copyFileSync(source, copy);
  chmodSync(copy, 0o600);
  giveToServer(copy);
  return copy;
}

/** Makes a file or folder the property of the uid that unprivileged servers run as. */
export function giveToServer(file: string): void {
  const { uid, gid } = unprivilegedOwner();
  chownSync(file, uid, gid);
}

function removeFolders(): void {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}
