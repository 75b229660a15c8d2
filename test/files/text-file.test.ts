// A file as text: byte by byte as it is, or one word why it is none.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { readTextFile } from '../../src/files/text-file.ts';
import { whyUnreadable } from '../../src/text/error-code.ts';

const utf16be = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();

void describe('a text file', () => {
  const rows: { name: string; given: Uint8Array; want: string | RegExp }[] = [
    { name: 'is what it says', given: Buffer.from('größe: 1\n'), want: 'größe: 1\n' },
    { name: 'keeps its byte-order mark', given: Buffer.from('\ufeffa\r\n'), want: '\ufeffa\r\n' },
    { name: 'may be empty', given: Buffer.alloc(0), want: '' },
    { name: 'may have a replacement character of its own', given: Buffer.from('\ufffd'), want: '\ufffd' },
    {
      name: 'is not UTF-16 of Windows',
      given: Buffer.from('\ufeffa: 1', 'utf16le'),
      want: /it is UTF-16; save it as UTF-8/,
    },
    { name: 'is not UTF-16 of Windows without its mark', given: Buffer.from('a: 1', 'utf16le'), want: /it is UTF-16/ },
    { name: 'is not UTF-16 of others', given: utf16be('\ufeffa: 1'), want: /it is UTF-16/ },
    { name: 'is not UTF-16 of others without its mark', given: utf16be('a: 1'), want: /it is UTF-16/ },
    { name: 'is not Latin-1', given: Buffer.from('größe: 1\n', 'latin1'), want: /it is not UTF-8; save it as UTF-8/ },
    { name: 'is not 16 MiB and more', given: Buffer.alloc(16 * 1024 ** 2 + 1), want: /it is larger than 16 MiB/ },
  ];
  for (const { name, given, want } of rows) {
    void test(name, (t) => {
      const folder = mkdtempSync(join(tmpdir(), 'text-file-'));
      t.after(() => rmSync(folder, { recursive: true }));
      const path = join(folder, 'file');
      writeFileSync(path, given);
      if (typeof want === 'string') return assert.equal(readTextFile(path), want);
      return assert.throws(
        () => readTextFile(path),
        (error) => want.test(whyUnreadable(error)),
      );
    });
  }
});
