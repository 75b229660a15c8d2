// Writes what kube-apiserver's compiler gives for every expression of test/cel/expressions.jsonl, and the page's differences.
//
// A new expression is a new line with `about` and `expression`; then run this file.

import { readFileSync, writeFileSync } from 'node:fs';
import { withDifferences } from '../../cel/differences.ts';
import { RECORDED_FILE, type Recorded, readRecorded } from '../../cel/recorded.ts';
import { askKubeApiserver } from './compiler.ts';

const PAGE = new URL('../../../providers/expressions.md', import.meta.url);

const rows = readRecorded();
const results = await askKubeApiserver(rows);
const recorded = rows.map((row, i): Recorded => ({ ...row, kubeApiserver: results[i] ?? 'refused' }));
writeFileSync(RECORDED_FILE, recorded.map((row) => `${JSON.stringify(row)}\n`).join(''));
writeFileSync(PAGE, withDifferences(readFileSync(PAGE, 'utf8'), recorded));
