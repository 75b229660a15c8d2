// What an expression sees at each place where one may stand: variables, types and functions.

import { Environment } from '@marcbachmann/cel-js';
import { CONVERSION_FUNCTIONS } from './functions/conversions.ts';
import { FORMAT_FUNCTIONS } from './functions/format.ts';
import { LIST_FUNCTIONS } from './functions/lists.ts';
import { OPTIONAL_FUNCTIONS } from './functions/optionals.ts';
import { REGEX_FUNCTIONS, REGEX_TYPE } from './functions/regex.ts';
import { STRING_FUNCTIONS } from './functions/strings.ts';

/** Which variable there is, never two of them. */
export type Scope = 'credential' | 'claims' | 'user' | 'answer';

/** Structural limits of one expression. */
export const LIMITS = {
  maxAstNodes: 4_000,
  maxDepth: 64,
  maxListElements: 1_000,
  maxMapEntries: 1_000,
  maxCallArguments: 32,
};

const CREDENTIAL = {
  kind: 'string',
  username: 'string',
  form: 'string',
  issuer: 'string',
  header: 'map<string, dyn>',
  claims: 'map<string, dyn>',
};
const ANSWER = { status: 'int', headers: 'map<string, dyn>', body: 'dyn' };
const USER = { username: 'string', uid: 'string', groups: 'list<string>', extra: 'map<string, list<string>>' };

const SCHEMAS = { credential: CREDENTIAL, user: USER, answer: ANSWER };

const opened = new Map<Scope, Environment>();

/** The environment of a scope; built on first use, because building one takes a millisecond. */
export function environmentOf(scope: Scope): Environment {
  const known = opened.get(scope);
  if (known !== undefined) return known;
  const environment = baseEnvironment();
  if (scope === 'claims') environment.registerVariable('claims', 'map<string, dyn>');
  else environment.registerVariable(scope, { schema: SCHEMAS[scope] });
  opened.set(scope, environment);
  return environment;
}

function baseEnvironment(): Environment {
  const environment = new Environment({
    enableOptionalTypes: true,
    homogeneousAggregateLiterals: false,
    limits: LIMITS,
  });
  environment.registerType(REGEX_TYPE.name, REGEX_TYPE.constructor);
  for (const [name, type] of [
    ['sets', 'SetsNamespace'],
    ['strings', 'StringsNamespace'],
  ] as const) {
    // cel-js finds the type of a value by its constructor, so each namespace needs one of its own.
    const Namespace = class {
      readonly namespace = name;
    };
    environment.registerType(type, Namespace).registerConstant(name, type, new Namespace());
  }
  const tables = [
    STRING_FUNCTIONS,
    FORMAT_FUNCTIONS,
    LIST_FUNCTIONS,
    REGEX_FUNCTIONS,
    OPTIONAL_FUNCTIONS,
    CONVERSION_FUNCTIONS,
  ];
  for (const table of tables) {
    for (const [signature, handler] of Object.entries(table)) {
      environment.registerFunction(signature, handler, { async: false });
    }
  }
  return environment;
}
