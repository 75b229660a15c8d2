// Proves that what is recorded about expressions is what kube-apiserver's own compiler and evaluator give today.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { comparable, readRecorded } from '../../cel/recorded.ts';
import { requirePrograms } from '../apiserver/programs.ts';
import { askKubeApiserver } from './compiler.ts';

const skip = requirePrograms('cel-expressions');

void describe('kube-apiserver’s compiler and evaluator', { skip }, () => {
  void it('give what is recorded', async () => {
    const recorded = readRecorded();
    const results = await askKubeApiserver(recorded);
    for (const [i, row] of recorded.entries()) {
      const result = results[i];
      assert.ok(result !== undefined);
      assert.deepEqual(comparable(row, result), comparable(row, row.kubeApiserver), row.expression);
    }
    assert.equal(results.length, recorded.length);
  });
});
