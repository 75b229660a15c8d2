// string.format of cel-go's strings extension, for scalars.

import { fault } from '../fault.ts';
import { charge, chargeSize } from '../meter.ts';
import type { FunctionTable } from './table.ts';

export const FORMAT_FUNCTIONS: FunctionTable = { 'string.format(list): string': format };

const DIRECTIVE = /%(?:\.([0-9]{1,3}))?(.)/gsu;
const MAX_PRECISION = 100;

function format(template: string, operands: readonly unknown[]): string {
  charge(template.length + operands.length);
  let used = 0;
  const text = template.replaceAll(DIRECTIVE, (_all, precision: string | undefined, verb: string) => {
    if (verb === '%') return '%';
    if (used >= operands.length) throw fault('format: fewer values than directives');
    const operand = operands[used++];
    chargeSize(operand);
    return directive(verb, operand, precision === undefined ? 6 : Number(precision));
  });
  if (used < operands.length) throw fault('format: more values than directives');
  return text;
}

function directive(verb: string, operand: unknown, precision: number): string {
  if (precision > MAX_PRECISION) throw fault('format: the precision is over 100');
  switch (verb) {
    case 's':
      return plain(operand);
    case 'd':
      return whole(operand).toString();
    case 'b':
      return operand === true ? '1' : operand === false ? '0' : whole(operand).toString(2);
    case 'o':
      return whole(operand).toString(8);
    case 'x':
      return hexadecimal(operand);
    case 'X':
      return hexadecimal(operand).toUpperCase();
    case 'f':
      return real(operand).toFixed(precision);
    case 'e':
      return real(operand)
        .toExponential(precision)
        .replace(/e([+-])(\d)$/, 'e$10$2');
    default:
      throw fault('format: the directive is not one of %s %d %f %e %b %o %x %X %%');
  }
}

function plain(operand: unknown): string {
  if (operand === null || ['string', 'bigint', 'number', 'boolean'].includes(typeof operand)) return String(operand);
  if (operand instanceof Date) return operand.toISOString();
  throw fault('format: %s takes strings, numbers, bools, timestamps and null');
}

/** JSON numbers are doubles, so a double without fraction counts as an integer here. */
function whole(operand: unknown): bigint {
  if (typeof operand === 'bigint') return operand;
  if (typeof operand === 'number' && Number.isSafeInteger(operand)) return BigInt(operand);
  throw fault('format: the value is not an integer');
}

function real(operand: unknown): number {
  if (typeof operand === 'bigint' || typeof operand === 'number') return Number(operand);
  throw fault('format: the value is not a number');
}

function hexadecimal(operand: unknown): string {
  return typeof operand === 'string' ? Buffer.from(operand).toString('hex') : whole(operand).toString(16);
}
