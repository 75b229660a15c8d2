// What is said about a failed expression: always where, never a value that a claim had.

import { EvaluationError, ParseError, TypeError as TypeFault } from '@marcbachmann/cel-js';

/** A fault whose text is safe to show: fixed words, no values. */
export function fault(message: string): EvaluationError {
  return new EvaluationError({ code: SAFE, message });
}

/** Where and why an expression cannot be compiled; the text may quote the expression, which is configuration. */
export interface CompileFault {
  readonly message: string;
  /** Index into the expression's source; absent when the fault has no place. */
  readonly offset?: number;
}

/** Puts the place into the words: `unknown variable: claim, at column 1 of the expression`. */
export function compileFault(source: string, message: string, offset: number | undefined): CompileFault {
  if (offset === undefined) return { message };
  return { message: `${message}, ${placeOf(source, offset)} of the expression`, offset };
}

/** Reads an error of cel-js's parser or type checker; anything else means nested too deeply. */
export function readCompileError(source: string, error: unknown): CompileFault {
  if (!(error instanceof ParseError || error instanceof TypeFault || error instanceof EvaluationError)) {
    return { message: 'the expression is nested too deeply' };
  }
  const words = error.summary.replaceAll(/\b__(?=[a-zA-Z])/g, '');
  return compileFault(source, words.charAt(0).toLowerCase() + words.slice(1), error.range?.start);
}

/** The safe text of an error of an evaluation: what kind of fault, and which part of the expression. */
export function describeEvaluationError(source: string, error: unknown): string {
  if (!(error instanceof EvaluationError)) return 'the expression could not be evaluated';
  const words = error.code === SAFE ? error.summary : (WORDS[error.code] ?? 'the expression could not be evaluated');
  const { range } = error;
  if (range === undefined) return words;
  return `${words}: ${snippet(source.slice(range.start, range.end))}, ${placeOf(source, range.start)}`;
}

const SAFE = 'safe';
const SNIPPET_CHARACTERS = 60;

function snippet(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > SNIPPET_CHARACTERS ? `${line.slice(0, SNIPPET_CHARACTERS)}…` : line;
}

function placeOf(source: string, offset: number): string {
  const before = source.slice(0, offset);
  const line = before.split('\n').length;
  const column = offset - before.lastIndexOf('\n');
  return line === 1 ? `at column ${column}` : `at line ${line}, column ${column}`;
}

/** cel-js's own texts quote values, so they are replaced by code. */
const WORDS: Readonly<Record<string, string>> = {
  no_such_key: 'no such key',
  index_out_of_bounds: 'the list is shorter than the index',
  index_out_of_range: 'the index is out of range',
  no_such_overload: 'the operator does not take values of these types',
  no_matching_overload: 'the function does not take values of these types',
  invalid_comprehension_range: 'neither a list nor a map',
  invalid_condition_type: 'the condition is not a bool',
  invalid_logical_operand: 'the operand is not a bool',
  invalid_list_element_type: 'the list has an element of the wrong type',
  invalid_comparison_type: 'values of these types cannot be compared',
  bool_conversion_error: 'not a bool',
  double_conversion_error: 'not a number',
  int_conversion_error: 'not an integer',
  uint_conversion_error: 'not an unsigned integer',
  numeric_overflow: 'the number is too large',
  division_by_zero: 'division by zero',
  modulo_by_zero: 'modulo by zero',
  optional_value_missing: 'the optional has no value',
  optional_expected: 'not an optional',
  invalid_timestamp: 'not a timestamp',
  invalid_duration: 'not a duration',
  unsupported_type: 'a value of this type cannot be used',
  variable_type_mismatch: 'the variable has the wrong type',
  field_type_mismatch: 'the field has the wrong type',
  list_item_type_mismatch: 'the list element has the wrong type',
};
