// Compiles CEL expressions for the places of the configuration that take one; neither step ever throws.

import type { Credential } from '../core/credential.ts';
import type { Identity } from '../core/identity.ts';
import type { JsonObject, JsonValue } from '../text/json.ts';
import { type CompileFault, compileFault, describeFault } from './fault.ts';
import { makeProgram, type Program } from './program.ts';
import {
  answerVariables,
  claimsVariables,
  credentialVariables,
  type HttpStatement,
  type Scope,
  userVariables,
  type Variables,
} from './scope.ts';
import { BOOL, STRING, type Type, typeText } from './types/type.ts';
import { isConverted, jsonResult } from './values/json.ts';
import { Fault } from './values/value.ts';

/** What goes in and what comes out, by place. */
interface Places {
  match: { input: Credential; output: boolean };
  login: { input: Credential; output: string };
  mapping: { input: JsonObject; output: JsonValue };
  claimRule: { input: JsonObject; output: boolean };
  userRule: { input: Identity; output: boolean };
  accept: { input: HttpStatement; output: boolean };
}

/** Where an expression stands: `match`, `login`, `claimMappings`, `claimValidationRules`, `userValidationRules`, `accept`. */
export type Use = keyof Places;

export type Evaluated<T> =
  /** `converted`: JSON has no such value, and text stands for it, as for a timestamp; kube-apiserver takes none as a name. */
  | { readonly ok: true; readonly value: T; readonly converted?: true }
  /** `error` names the part of the expression that failed and why, never a value. */
  | { readonly ok: false; readonly error: string };

export interface Expression<U extends Use> {
  readonly source: string;
  /** Claims that the source names as `claims.name`. */
  readonly claims: ReadonlySet<string>;
  /** Synchronous, bounded by a cost limit, without access to anything but its input. */
  evaluate(input: Places[U]['input']): Evaluated<Places[U]['output']>;
}

export type Compiled<U extends Use> =
  | { readonly ok: true; readonly expression: Expression<U> }
  | ({ readonly ok: false } & CompileFault);

interface Place<U extends Use> {
  readonly scope: Scope;
  /** What the expression must be without running it; absent: anything. */
  readonly type?: Type;
  readonly variables: (input: Places[U]['input']) => Variables;
  /** The output in this result; undefined when it is of another type. */
  readonly read: (result: JsonValue) => Places[U]['output'] | undefined;
}

const readBool = (result: JsonValue): boolean | undefined => (typeof result === 'boolean' ? result : undefined);
const readString = (result: JsonValue): string | undefined => (typeof result === 'string' ? result : undefined);

const PLACES: { readonly [U in Use]: Place<U> } = {
  match: { scope: 'credential', type: BOOL, variables: credentialVariables, read: readBool },
  login: { scope: 'credential', type: STRING, variables: credentialVariables, read: readString },
  mapping: { scope: 'claims', variables: claimsVariables, read: (result) => result },
  claimRule: { scope: 'claims', type: BOOL, variables: claimsVariables, read: readBool },
  userRule: { scope: 'user', type: BOOL, variables: userVariables, read: readBool },
  accept: { scope: 'answer', type: BOOL, variables: answerVariables, read: readBool },
};

export const MAX_SOURCE_CHARACTERS = 16_384;

/**
 * Parses, type-checks and bounds an expression. Rules must be of type bool without running them, as in kube-apiserver:
 * `claims.admin` alone may be anything, `claims.admin == true` is a bool.
 */
export function compile<U extends Use>(source: string, use: U): Compiled<U> {
  if (source.trim() === '') return { ok: false, message: 'the expression is empty' };
  if (source.length > MAX_SOURCE_CHARACTERS)
    return { ok: false, message: `the expression is over ${MAX_SOURCE_CHARACTERS} characters` };
  const place: Place<U> = PLACES[use];
  const program = makeProgram(source, place.scope);
  if (program instanceof Fault) return { ok: false, ...compileFault(source, program) };
  if (place.type !== undefined && place.type !== program.type) {
    return { ok: false, message: wrongType(place.type, program.type) };
  }
  const evaluate: Expression<U>['evaluate'] = (input) => run(source, program, place.variables(input), place.read);
  return { ok: true, expression: { source, claims: program.claims, evaluate } };
}

function wrongType(wanted: Type, found: Type): string {
  if (found.kind !== 'dyn' && found.kind !== 'any') {
    return `the expression must be of type ${wanted.name}, not ${typeText(found)}`;
  }
  const hint = wanted === BOOL ? ' (compare it, as in claims.admin == true)' : ' (convert it with string())';
  return `the expression must be of type ${wanted.name}; it may be anything${hint}`;
}

function run<T>(
  source: string,
  program: Program,
  variables: Variables,
  read: (json: JsonValue) => T | undefined,
): Evaluated<T> {
  const { outcome } = program.run(variables);
  if (outcome instanceof Fault) return { ok: false, error: describeFault(source, outcome) };
  const json = jsonResult(outcome);
  if (json === undefined) return { ok: false, error: 'the result is not a JSON value' };
  const result = read(json);
  if (result === undefined) return { ok: false, error: 'the result has the wrong type' };
  return { ok: true, value: result, ...(isConverted(outcome) && { converted: true }) };
}
