// Expressions that kube-apiserver's own compiler was asked (test/live/cel/record.ts), and what is given for them here.

import { readFileSync } from 'node:fs';
import { makeProgram } from '../../src/cel/program.ts';
import { claimsVariables, userVariables, type Variables } from '../../src/cel/scope.ts';
import { Fault } from '../../src/cel/values/value.ts';
import type { Identity } from '../../src/core/identity.ts';
import type { JsonObject } from '../../src/text/json.ts';
import { render } from './render.ts';

export const RECORDED_FILE = new URL('expressions.jsonl', import.meta.url);

export type Place = 'claimMappings' | 'claimValidationRules' | 'userValidationRules';

/** `gives` has the value as a CEL literal; the cost is in kube-apiserver's units. */
export type Result = 'refused' | 'fails' | { readonly gives: string; readonly cost: number };

/** A line of the file. */
export interface Recorded {
  readonly about: string;
  /** Default `claimMappings`. */
  readonly place?: Place;
  readonly expression: string;
  /** The claims, or the user; default those of `SAMPLES`. */
  readonly input?: JsonObject;
  /** Go walks over maps in random order: the order of elements and the cost may differ from run to run. */
  readonly anyOrder?: true;
  /** What is different here on purpose: a key of `DIFFERENCES`. */
  readonly difference?: string;
  readonly kubeApiserver: Result;
}

export type Question = Pick<Recorded, 'place' | 'expression' | 'input'>;

export function readRecorded(): readonly Recorded[] {
  const lines = readFileSync(RECORDED_FILE, 'utf8').trimEnd().split('\n');
  return lines.map((line): Recorded => JSON.parse(line));
}

const CLAIMS = {
  name: 'Jane',
  email: 'jane@corp.example',
  verified: true,
  age: 42,
  pi: 3.25,
  big: 4_102_444_800,
  groups: ['dev', 'ops'],
  nothing: null,
  roles: { admin: true, 'a.b': 'dotted', 'x-y': 1 },
  deep: { list: [{ k: 1 }, { k: 2 }], none: null },
  'example.org/role': 'boss',
  a__b: 'under',
  true: 'keyword',
  emoji: 'a😀b',
};

const USER = {
  username: 'ldap:jane',
  uid: '7',
  groups: ['ldap:dev', 'ldap:ops'],
  extra: { 'x.y': ['1'], 'example.org/team': ['red', 'blue'], plain: ['p'] },
};

const SAMPLES: Readonly<Record<Place, JsonObject>> = {
  claimMappings: CLAIMS,
  claimValidationRules: CLAIMS,
  userValidationRules: USER,
};

/** A question as `cel-expressions` reads it. */
export function questionOf({ place = 'claimMappings', expression, input = SAMPLES[place] }: Question) {
  return { place, expression, input };
}

/** What this program makes of it. */
export function resultHere(question: Question): Result {
  const { place, expression, input } = questionOf(question);
  const isUser = place === 'userValidationRules';
  const program = makeProgram(expression, isUser ? 'user' : 'claims');
  if (program instanceof Fault || (place !== 'claimMappings' && program.type.name !== 'bool')) return 'refused';
  const { outcome, cost } = program.run(isUser ? userOf(input) : claimsVariables(input));
  return outcome instanceof Fault ? 'fails' : { gives: render(outcome), cost };
}

function userOf(input: JsonObject): Variables {
  const user: Identity = { username: '', groups: [], extra: {}, ...input };
  return userVariables(user);
}

/** The result in the form in which two runs agree. */
export function comparable({ anyOrder }: Pick<Recorded, 'anyOrder'>, result: Result): Result {
  if (anyOrder !== true || typeof result === 'string') return result;
  return {
    gives: result.gives
      .split(/[[\]{},]\s*/)
      .toSorted()
      .join(),
    cost: 0,
  };
}
