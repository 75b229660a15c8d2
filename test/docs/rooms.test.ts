// Each fact stands in one room: what many edges need is written once, on the floor below them.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { programFiles } from './source-files.ts';

interface Fact {
  readonly name: string;
  /** What code that knows the fact cannot do without. */
  readonly sign: RegExp;
  /** The files that may have it. */
  readonly rooms: readonly string[];
}

const FACTS: readonly Fact[] = [
  {
    name: 'the reading of YAML',
    sign: /\b(?:Composer|parse|parseDocument|parseAllDocuments)\b[^;]*from 'yaml'/,
    rooms: ['src/text/yaml.ts'],
  },
  { name: 'strict UTF-8', sign: /fatal: true/, rooms: ['src/text/utf8.ts'] },
  { name: 'the code of an error', sign: /'code' in |\.code === '[A-Z]/, rooms: ['src/text/error-code.ts'] },
  { name: 'the JSON content type', sign: /\)\?json\\s|application\\\/json/, rooms: ['src/text/media-type.ts'] },
  { name: 'a lock file', sign: /flag: 'wx'/, rooms: ['src/files/lock.ts'] },
  { name: 'whether a process still runs', sign: /process\.kill\(\w+, 0\)/, rooms: ['src/files/holder.ts'] },
  { name: 'a file replaced as a whole', sign: /\.sync\(\)|fsync/, rooms: ['src/files/replace.ts'] },
  {
    name: 'a promise raced with a signal',
    sign: /Promise\.race\(/,
    // A drain and the end of a probe race with the clock, not with a signal.
    rooms: ['src/async/unless-aborted.ts', 'src/server/drain.ts', 'src/cli/check/connect.ts'],
  },
];

void describe('each fact stands in one room', () => {
  for (const { name, sign, rooms } of FACTS) {
    void test(`${name} is known to ${rooms.join(', ')} alone`, () => {
      const found = programFiles().filter(({ text }) => sign.test(text));
      assert.deepEqual(
        found.map(({ path }) => path).filter((path) => !rooms.includes(path)),
        [],
        `import it from ${rooms[0]}`,
      );
    });
    void test(`the sign of ${name} is found where it is`, () => {
      assert.ok(programFiles().some(({ path, text }) => path === rooms[0] && sign.test(text)));
    });
  }
});
