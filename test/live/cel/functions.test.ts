// Proves that every function of kube-apiserver's environment is here with the same signatures, and no other one.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FUNCTIONS } from '../../../src/cel/functions/index.ts';
import { requirePrograms } from '../apiserver/programs.ts';
import { functionsOfKubeApiserver } from './compiler.ts';

const skip = requirePrograms('cel-expressions');

/** Spelled alike in both: `list(int)` for `list<int>`, and type parameters in the order in which they appear. */
function normal(signature: string): string {
  const letters: string[] = [];
  return signature
    .replaceAll(/(?<=[a-z])</g, '(')
    .replaceAll(/(?<!_)>/g, ')')
    .replaceAll('google.protobuf.Duration', 'duration')
    .replaceAll('google.protobuf.Timestamp', 'timestamp')
    .replaceAll(/\b[A-Z]\b/g, (letter) => {
      if (!letters.includes(letter)) letters.push(letter);
      return `T${letters.indexOf(letter)}`;
    });
}

/**
 * Names from before, which an expression cannot write; the selection `a.?b`, which the planner does by itself here; methods
 * of an authorizer, which no expression about a login has.
 */
const UNUSED = /^(?:(?:__not_strictly_false__|_in_|in|_\?\._)\(|kubernetes\.authorization\.)/;

void describe('the functions of kube-apiserver', { skip }, () => {
  void it('are all here, with their signatures', async () => {
    const here = [...FUNCTIONS.values()].flat().map(({ signature }) => normal(signature));
    const all = await functionsOfKubeApiserver();
    const there = all.map((signature) => normal(signature.replaceAll(/<([A-Z])>/g, '$1')));
    assert.deepEqual(here.toSorted(), there.filter((signature) => !UNUSED.test(signature)).toSorted());
  });
});
