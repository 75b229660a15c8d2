// A sample of random expressions and what kube-apiserver's own compiler and evaluator gave for them.

import { readFileSync } from 'node:fs';
import { type Random, seededRandom } from '../../fuzz/random.ts';
import type { Question, Result } from '../recorded.ts';
import { randomExpression } from './generator.ts';
import { randomClaims } from './literals.ts';

export const RANDOM_FILE = new URL('expressions.jsonl', import.meta.url);

export type RecordedRandom = Pick<Question, 'expression' | 'input'> & { readonly kubeApiserver: Result };

export function readRandom(): readonly RecordedRandom[] {
  const lines = readFileSync(RANDOM_FILE, 'utf8').trimEnd().split('\n');
  return lines.map((line): RecordedRandom => JSON.parse(line));
}

/** So many expressions that the seed gives, each with claims of its own. */
export function randomQuestions(seed: number, count: number): readonly Question[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => question(random));
}

const question = (random: Random): Question => ({
  expression: randomExpression(random, 1 + random.below(4)),
  input: randomClaims(random),
});

/** Values of these types have no text that both sides know; what functions say about them is compared all the same. */
const NAMELESS = /kubernetes\.(?:URL|Quantity|NamedFormat)/;

export const isComparable = (here: Result): boolean => typeof here === 'string' || !NAMELESS.test(here.gives);
