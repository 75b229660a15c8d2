// Writes what kube-apiserver's compiler gives for recorded and for random expressions, and the page's differences.
//
// A new expression is a new line with `about` and `expression`; then run this file.

import { readFileSync, writeFileSync } from 'node:fs';
import { withDifferences } from '../../cel/differences.ts';
import { isComparable, RANDOM_FILE, randomQuestions } from '../../cel/random/recorded.ts';
import { RECORDED_FILE, type Recorded, readRecorded, resultHere } from '../../cel/recorded.ts';
import { askKubeApiserver } from './compiler.ts';

const PAGE = new URL('../../../providers/expressions.md', import.meta.url);

const rows = readRecorded();
const results = await askKubeApiserver(rows);
const recorded = rows.map((row, i): Recorded => ({ ...row, kubeApiserver: results[i] ?? 'refused' }));
writeFileSync(RECORDED_FILE, recorded.map((row) => `${JSON.stringify(row)}\n`).join(''));
writeFileSync(PAGE, withDifferences(readFileSync(PAGE, 'utf8'), recorded));

const SAMPLE = { seed: 20_261_126, count: 600 };
const random = randomQuestions(SAMPLE.seed, SAMPLE.count).filter((question) => isComparable(resultHere(question)));
const answers = await askKubeApiserver(random);
const sample = random.map((question, i) => ({ ...question, kubeApiserver: answers[i] ?? 'refused' }));
writeFileSync(RANDOM_FILE, sample.map((row) => `${JSON.stringify(row)}\n`).join(''));
