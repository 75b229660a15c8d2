// Asks kube-apiserver's own JWT authenticator, in the program apiserver/jwt.

import { program } from '../apiserver/programs.ts';
import { run } from '../rig/command.ts';
import type { Case, Decision, Identity, Outcome } from './case.ts';

interface Result {
  readonly refused?: string;
  readonly answers?: readonly { readonly user?: GoIdentity; readonly error?: string }[];
}

interface GoIdentity extends Omit<Identity, 'groups' | 'extra'> {
  readonly groups: Identity['groups'] | null;
  readonly extra: Identity['extra'] | null;
}

/** One outcome for each case, in order. */
export async function askKubeApiserver(cases: readonly Case[]): Promise<Outcome[]> {
  const input = cases.map(
    ({ authenticator, tokens }) => `${JSON.stringify({ authenticator, tokens: tokens.map(({ text }) => text) })}\n`,
  );
  const result = await run(program('jwt-authenticator'), [], { input: input.join(''), timeoutMs: 120_000 });
  if (result.exitCode !== 0) throw new Error(`jwt-authenticator ended with ${result.exitCode}: ${result.stderr}`);
  return result.stdout
    .trimEnd()
    .split('\n')
    .map((line) => outcomeOf(JSON.parse(line)));
}

function outcomeOf({ refused, answers }: Result): Outcome {
  return refused === undefined ? { decisions: (answers ?? []).map(decisionOf) } : { notStarted: refused };
}

function decisionOf({ user, error }: NonNullable<Result['answers']>[number]): Decision {
  if (user === undefined) return { refused: error ?? 'left to others' };
  return { user: { ...user, groups: user.groups ?? [], extra: user.extra ?? {} } };
}
