// Compiles CEL expressions for the places of the configuration that take one; neither step ever throws.

import type { ParseResult } from '@marcbachmann/cel-js';
import type { Credential } from '../core/credential.ts';
import type { Identity } from '../core/identity.ts';
import type { JsonObject, JsonValue } from '../text/json.ts';
import { treeOf } from './ast.ts';
import { environmentOf, type Scope } from './environment.ts';
import { type CompileFault, compileFault, describeEvaluationError, readCompileError } from './fault.ts';
import { installMeter, metered } from './meter.ts';
import { prepare } from './prepare.ts';
import { jsonResult } from './values.ts';
import {
  answerVariables,
  claimsVariables,
  credentialVariables,
  type HttpStatement,
  userVariables,
  type Variables,
} from './variables.ts';

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
  | { readonly ok: true; readonly value: T }
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
  readonly type?: 'bool' | 'string';
  readonly variables: (input: Places[U]['input'], escapedNames: boolean) => Variables;
  /** The output in this result; undefined when it is of another type. */
  readonly read: (result: JsonValue) => Places[U]['output'] | undefined;
}

const readBool = (result: JsonValue): boolean | undefined => (typeof result === 'boolean' ? result : undefined);
const readString = (result: JsonValue): string | undefined => (typeof result === 'string' ? result : undefined);

const PLACES: { readonly [U in Use]: Place<U> } = {
  match: { scope: 'credential', type: 'bool', variables: credentialVariables, read: readBool },
  login: { scope: 'credential', type: 'string', variables: credentialVariables, read: readString },
  mapping: { scope: 'claims', variables: claimsVariables, read: (result) => result },
  claimRule: { scope: 'claims', type: 'bool', variables: claimsVariables, read: readBool },
  userRule: { scope: 'user', type: 'bool', variables: userVariables, read: readBool },
  accept: { scope: 'answer', type: 'bool', variables: answerVariables, read: readBool },
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
  try {
    return compileParsed(source, use, environmentOf(PLACES[use].scope).parse(source));
  } catch (error) {
    return { ok: false, ...readCompileError(source, error) };
  }
}

function compileParsed<U extends Use>(source: string, use: U, program: ParseResult): Compiled<U> {
  const root = treeOf(program.ast);
  const prepared = prepare(root);
  if (!prepared.ok) return { ok: false, ...compileFault(source, prepared.message, prepared.offset) };
  const checked = program.check();
  if (!checked.valid) return { ok: false, ...readCompileError(source, checked.error) };
  const place: Place<U> = PLACES[use];
  if (place.type !== undefined && checked.type !== place.type) {
    return { ok: false, message: wrongType(place.type, checked.type) };
  }
  installMeter(root);
  const { claims } = prepared;
  const escapedNames = [...claims].some((name) => name.includes('__'));
  const evaluate: Expression<U>['evaluate'] = (input) =>
    evaluateProgram(source, place.read, () => program(place.variables(input, escapedNames)));
  return { ok: true, expression: { source, claims, evaluate } };
}

function wrongType(wanted: string, found: string | undefined): string {
  if (found !== 'dyn') return `the expression must be of type ${wanted}, not ${found}`;
  const hint = wanted === 'bool' ? ' (compare it, as in claims.admin == true)' : ' (convert it with string())';
  return `the expression must be of type ${wanted}; it may be anything${hint}`;
}

function evaluateProgram<T>(
  source: string,
  read: (json: JsonValue) => T | undefined,
  run: () => unknown,
): Evaluated<T> {
  const { value, error, exhausted } = metered(run);
  if (exhausted) return { ok: false, error: 'the expression exceeds the cost limit for these values' };
  if (error !== undefined) return { ok: false, error: describeEvaluationError(source, error) };
  const json = jsonResult(value);
  if (json === undefined) return { ok: false, error: 'the result is not a JSON value' };
  const result = read(json);
  return result === undefined ? { ok: false, error: 'the result has the wrong type' } : { ok: true, value: result };
}
