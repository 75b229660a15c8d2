// Proves that no expression gives another value here than in kube-apiserver: thousands of random ones, other ones each day.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isComparable, randomQuestions } from '../../cel/random/recorded.ts';
import { resultHere } from '../../cel/recorded.ts';
import { requirePrograms } from '../apiserver/programs.ts';
import { askKubeApiserver } from './compiler.ts';

const SEED = Number(process.env['FUZZ_SEED'] ?? Math.floor(Date.now() / 86_400_000));
const COUNT = 8000;

const skip = requirePrograms('cel-expressions');

void describe('random expressions', { skip }, () => {
  void it('end as in kube-apiserver', async (t) => {
    t.diagnostic(`FUZZ_SEED=${SEED}`);
    const questions = randomQuestions(SEED, COUNT);
    const there = await askKubeApiserver(questions);
    const different = questions.flatMap((question, i) => {
      const here = resultHere(question);
      const isSame = !isComparable(here) || JSON.stringify(here) === JSON.stringify(there[i]);
      return isSame ? [] : [{ ...question, here, there: there[i] }];
    });
    assert.deepEqual(different, [], `FUZZ_SEED=${SEED}`);
    assert.equal(there.length, COUNT);
  });
});
