// Breaks a text the way that finds bugs: bytes flipped, parts repeated, cut and swapped, words of the language put in.

import type { Random } from './random.ts';

const MAX_BYTES = 200_000;

/** What parsers stumble over, whatever they parse. */
export const NASTY: readonly [string, ...string[]] = [
  '',
  '\0',
  '\r\n',
  '\n',
  '"',
  '\\',
  '\\ud800',
  '\\u0000',
  ':',
  '{',
  '}',
  '[',
  ']',
  '{}',
  'null',
  'true',
  '-1',
  '1e999',
  '99999999999999999999',
  '__proto__',
  'constructor',
  '\u202e',
  '\ufeff',
  'ſystem:masters',
  'system:masters',
  '%00',
  '../../etc/passwd',
  ' ',
  '\t',
  'ä',
  '\u{1f642}',
];

/** One to six changes; `words` are of the language that is spoken. Works on Latin-1, one character per byte. */
export function mutate(text: string, random: Random, words: readonly [string, ...string[]] = NASTY): string {
  let mutated = text;
  for (let left = 1 + random.below(6); left > 0; left -= 1) mutated = changed(mutated, random, words);
  return mutated.slice(0, MAX_BYTES);
}

function changed(text: string, random: Random, words: readonly [string, ...string[]]): string {
  const at = random.below(text.length + 1);
  const length = random.below(Math.min(40, text.length - at + 1));
  const part = text.slice(at, at + length);
  const [before, after] = [text.slice(0, at), text.slice(at + length)];
  switch (random.below(8)) {
    case 0:
      return before + String.fromCharCode(random.below(256)) + text.slice(at + 1);
    case 1:
      return before + after;
    case 2:
      return before + part.repeat(2 + random.below(30)) + after;
    case 3:
      return before + random.pick(words) + after;
    case 4:
      return before + random.pick(NASTY) + text.slice(at);
    case 5:
      return after + before;
    case 6:
      return before + random.pick(NASTY).repeat(random.oneIn(50) ? 5000 : 3) + after;
    default:
      return before + part.split('').toReversed().join('') + after;
  }
}
