// What a token file may not say: every fault at once, at its line and column, and never a token.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { tokenFile } from '../../../providers/token-file.ts';
import { tokenDigest } from '../../../src/core/token-digest.ts';
import { parseOptions } from '../../support/options.ts';

const CANARY = 'canary-token-4711';
const DIGEST = tokenDigest(CANARY);
const FORM =
  'sha256 must be the SHA-256 of a token in 64 lower-case hexadecimal digits; make one with kube-auth-broker hash-token';
const COLUMNS = (found: number): string =>
  `a line has at least token, user name and uid, but this one has ${found} of them; the uid may be empty`;

const rows: readonly { name: string; file: string; given: string; want: readonly string[] }[] = [
  { name: 'a line with two columns', file: 'tokens.csv', given: `${CANARY},alice\n`, want: [`1:1: ${COLUMNS(2)}`] },
  { name: 'a line with one column', file: 'tokens.csv', given: `a,b,c\n\n# ${CANARY}\n`, want: [`3:1: ${COLUMNS(1)}`] },
  { name: 'an empty token', file: 'tokens.csv', given: ',alice,7\n', want: ['1:1: the token is empty'] },
  {
    name: 'a token twice',
    file: 'tokens.csv',
    given: `${CANARY},alice,7\nother,bob,8\n"${CANARY}",carol,9\n`,
    want: ['3:1: the token appears twice, first in line 1'],
  },
  { name: 'an empty name', file: 'tokens.csv', given: `${CANARY},,7\n`, want: ['1:19: the user name is empty'] },
  {
    name: 'a name that nobody sees',
    file: 'tokens.csv',
    given: `${CANARY},a\u202eb,7\n`,
    want: ['1:19: the user name has control or invisible characters, or more than 253 bytes'],
  },
  {
    name: 'a byte order mark',
    file: 'tokens.csv',
    given: `\ufeff${CANARY},alice,7\n`,
    want: ['1:1: the file begins with a byte order mark; save it as UTF-8 without one'],
  },
  {
    name: 'many faults, all at once',
    file: 'tokens.csv',
    given: `${CANARY},alice,7\n,bob,8\n${CANARY},x"y,1\nshort\n${CANARY},dave,9\n"open`,
    want: [
      '2:1: the token is empty',
      '3:20: a quote stands in a field without quotes: put the whole field in quotes, and write this one twice',
      `4:1: ${COLUMNS(1)}`,
      '5:1: the token appears twice, first in line 1',
      '6:1: the quote that begins here is not closed',
    ],
  },
  {
    name: 'a token in YAML',
    file: 'tokens.yaml',
    given: `- username: ci\n  sha256: ${CANARY}\n`,
    want: [`2:11: ${FORM}`],
  },
  {
    name: 'a digest in capitals, which could be there twice',
    file: 'tokens.yaml',
    given: `- username: ci\n  sha256: ${DIGEST.toUpperCase()}\n`,
    want: [`2:11: ${FORM}`],
  },
  {
    name: 'nothing that is required',
    file: 'tokens.yml',
    given: '- groups: [a]\n',
    want: ['1:3: sha256 is required; make one with kube-auth-broker hash-token', '1:3: username is required'],
  },
  {
    name: 'a digest twice',
    file: 'tokens.yaml',
    given: `- { username: a, sha256: ${DIGEST} }\n- { username: b, sha256: ${DIGEST} }\n`,
    want: ['2:26: sha256 appears twice, first in line 1'],
  },
  {
    name: 'a token as a key',
    file: 'tokens.yaml',
    given: `- ${CANARY}: alice\n`,
    want: [
      '1:3: sha256 is required; make one with kube-auth-broker hash-token',
      '1:3: username is required',
      `1:3: unknown key "${CANARY}"`,
    ],
  },
  { name: 'a map', file: 'tokens.yaml', given: 'alice: x\n', want: ['1:1: must be a list of tokens'] },
  {
    name: 'CSV under the name of YAML',
    file: 'tokens.yaml',
    given: `${CANARY},alice,7\n`,
    want: ['1:1: must be a list of tokens'],
  },
];

void describe('a token file', () => {
  for (const { name, file, given, want } of rows) {
    void test(`with ${name} is refused`, () => {
      const parsed = parseOptions(tokenFile, { file }, { [`/etc/broker/${file}`]: given });
      assert.deepEqual(parsed, { faults: want.map((fault) => `file: ${file}:${fault}`) });
    });
  }

  void test('that is not there is named', () => {
    const parsed = parseOptions(tokenFile, { file: 'tokens.csv' });
    assert.match('faults' in parsed ? parsed.faults.join('\n') : '', /^file: cannot read \/etc\/broker\/tokens\.csv: /);
  });
});
