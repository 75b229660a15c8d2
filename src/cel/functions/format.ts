// `string.format` of cel-go's strings extension in version 2 (ext/formatting.go), when it runs and when it is checked.

import type { Meter } from '../meter.ts';
import type { List } from '../values/value.ts';
import { Fault, fault, type Outcome, typeNameOf, Uint, type Value } from '../values/value.ts';
import { fixedNumber, plainText, scientificNumber } from './format-text.ts';
import type { FunctionTable } from './table.ts';

export const FORMAT_FUNCTIONS: FunctionTable = { 'string.format(list<dyn>): string': format };

const CLAUSE = /%(?:%|(?:\.([0-9]*))?([^]?))/g;
const DEFAULT_PRECISION = 6;
const MAX_PRECISION = 1_000;

/** One `%…` of a template. */
export interface Clause {
  readonly verb: string;
  readonly precision: number;
}

/** What kinds of values each verb takes, besides dyn. */
export const VERBS: Readonly<Record<string, ReadonlySet<string>>> = {
  s: new Set([
    'list',
    'map',
    'int',
    'uint',
    'double',
    'bool',
    'string',
    'google.protobuf.Timestamp',
    'bytes',
    'google.protobuf.Duration',
    'type',
    'null_type',
  ]),
  d: new Set(['int', 'uint']),
  f: new Set(['double', 'string']),
  e: new Set(['double', 'string']),
  b: new Set(['int', 'uint', 'bool']),
  x: new Set(['int', 'uint', 'string', 'bytes']),
  X: new Set(['int', 'uint', 'string', 'bytes']),
  o: new Set(['int', 'uint']),
};

/** The clauses of a template in order, `%%` left out, or what is wrong with it. */
export function clausesOf(template: string): readonly Clause[] | Fault {
  const clauses: Clause[] = [];
  for (const [all, precision, verb = ''] of template.matchAll(CLAUSE)) {
    if (all === '%%') continue;
    if (verb === '') return fault('format: the text ends in the middle of a clause');
    if (precision === '') return fault('format: no number after the point');
    if (VERBS[verb] === undefined) return fault('format: the clause is not one of %s %d %f %e %b %o %x %X %%');
    if (Number(precision ?? 0) > MAX_PRECISION) return fault('format: the precision is over 1000');
    clauses.push({ verb, precision: precision === undefined ? DEFAULT_PRECISION : Number(precision) });
  }
  return clauses;
}

function format(template: string, list: List, meter: Meter): Outcome {
  const clauses = clausesOf(template);
  if (clauses instanceof Fault) return clauses;
  meter.work(template.length / 8);
  const parts: string[] = [];
  for (const [i, clause] of clauses.entries()) {
    const operand = list.at(i);
    if (operand === undefined) return fault('format: fewer values than clauses');
    const part = clauseText(clause, operand);
    if (part instanceof Fault) return part;
    meter.work(part.length / 8);
    parts.push(part);
  }
  let next = 0;
  return template.replaceAll(CLAUSE, (all) => (all === '%%' ? '%' : (parts[next++] ?? '')));
}

function clauseText({ verb, precision }: Clause, operand: Value): string | Fault {
  if (VERBS[verb]?.has(typeNameOf(operand)) !== true)
    return fault(`format: %${verb} does not take a value of this type`);
  switch (verb) {
    case 's':
      return plainText(operand);
    case 'f':
    case 'e': {
      const number = doubleOf(operand);
      if (number instanceof Fault) return number;
      return verb === 'f' ? fixedNumber(number, precision) : scientificNumber(number, precision);
    }
    case 'x':
      return hexadecimal(operand);
    case 'X':
      return hexadecimal(operand).toUpperCase();
    default:
      return typeof operand === 'boolean'
        ? String(Number(operand))
        : digits(operand, verb === 'd' ? 10 : verb === 'b' ? 2 : 8);
  }
}

const NAMED: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};

function doubleOf(operand: Value): number | Fault {
  if (typeof operand === 'number') return operand;
  return NAMED[typeof operand === 'string' ? operand : ''] ?? fault('format: the value is not a double');
}

function hexadecimal(operand: Value): string {
  if (typeof operand === 'string') return Buffer.from(operand).toString('hex');
  return operand instanceof Uint8Array ? Buffer.from(operand).toString('hex') : digits(operand, 16);
}

function digits(operand: Value, radix: number): string {
  if (operand instanceof Uint) return operand.value.toString(radix);
  return typeof operand === 'bigint' ? operand.toString(radix) : '';
}
