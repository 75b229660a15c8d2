// Asks kube-apiserver's own compiler and evaluator, in the program apiserver/expressions.

import { type Question, questionOf, type Result } from '../../cel/recorded.ts';
import { program } from '../apiserver/programs.ts';
import { run } from '../rig/command.ts';

interface Answer {
  readonly refused?: string;
  readonly fails?: string;
  readonly gives?: string;
  readonly cost?: number;
}

/** One result for each question, in order. */
export async function askKubeApiserver(questions: readonly Question[]): Promise<Result[]> {
  const input = questions.map((question) => `${JSON.stringify(questionOf(question))}\n`).join('');
  const result = await run(program('cel-expressions'), [], { input, timeoutMs: 120_000 });
  if (result.exitCode !== 0) throw new Error(`cel-expressions ended with ${result.exitCode}: ${result.stderr}`);
  return result.stdout
    .trimEnd()
    .split('\n')
    .map((line) => resultOf(JSON.parse(line)));
}

function resultOf({ refused, fails, gives, cost = 0 }: Answer): Result {
  if (refused !== undefined) return 'refused';
  return fails !== undefined || gives === undefined ? 'fails' : { gives, cost };
}

/** The signatures of all functions that an expression may call there. */
export async function functionsOfKubeApiserver(): Promise<string[]> {
  const result = await run(program('cel-expressions'), ['functions'], { timeoutMs: 60_000 });
  if (result.exitCode !== 0) throw new Error(`cel-expressions ended with ${result.exitCode}: ${result.stderr}`);
  return JSON.parse(result.stdout);
}
