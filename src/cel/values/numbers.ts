// Numbers as Go computes and writes them: 64 bits with overflow, `%g` and ParseFloat.

import { type Fault, fault, Uint } from './value.ts';

const INT_LIMIT = 2n ** 63n;
const UINT_LIMIT = 2n ** 64n;
const OVERFLOW = fault('the number is too large');

/** The int, or that it does not fit into 64 bits. */
export const int = (value: bigint): bigint | Fault => (value >= INT_LIMIT || value < -INT_LIMIT ? OVERFLOW : value);

/** The uint, or that it is negative or does not fit into 64 bits. */
export const uint = (value: bigint): Uint | Fault => (value < 0n || value >= UINT_LIMIT ? OVERFLOW : new Uint(value));

/** Cuts the fraction off; the outermost double of each side is refused, as in cel-go. */
export function intOfDouble(value: number): bigint | Fault {
  return Math.abs(value) < Number(INT_LIMIT) ? BigInt(Math.trunc(value)) : OVERFLOW;
}

export function uintOfDouble(value: number): Uint | Fault {
  return value >= 0 && value < Number(UINT_LIMIT) ? new Uint(BigInt(Math.trunc(value))) : OVERFLOW;
}

/** Go's strconv.ParseInt in base 10. */
export function parseInteger(text: string): bigint | undefined {
  return /^[+-]?[0-9]{1,32}$/.test(text) ? BigInt(text.replace('+', '')) : undefined;
}

const DECIMAL = /^[+-]?(?:[0-9]+(?:_[0-9]+)*(?:\.(?:[0-9]+(?:_[0-9]+)*)?)?|\.[0-9]+(?:_[0-9]+)*)(?:[eE][+-]?[0-9]+)?$/;
const HEXADECIMAL = /^([+-]?)0[xX]([0-9a-fA-F]*)\.?([0-9a-fA-F]*)[pP]([+-]?[0-9]{1,4})$/;
const NAMED: Readonly<Record<string, number>> = {
  inf: Number.POSITIVE_INFINITY,
  infinity: Number.POSITIVE_INFINITY,
  nan: Number.NaN,
};

/** Go's strconv.ParseFloat: decimal, hexadecimal with an exponent, infinity and NaN; undefined for anything else. */
export function parseDouble(text: string): number | undefined {
  if (DECIMAL.test(text)) {
    const value = Number(text.replaceAll('_', ''));
    return Number.isFinite(value) ? value : undefined;
  }
  const named = NAMED[text.replace(/^[+-]/, '').toLowerCase()];
  if (named !== undefined) {
    if (Number.isNaN(named)) return /^[+-]/.test(text) ? undefined : named;
    return text.startsWith('-') ? -named : named;
  }
  return parseHexadecimal(text);
}

/** Exact up to 52 bits; longer ones are undefined, because the rounding would have to be Go's. */
function parseHexadecimal(text: string): number | undefined {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = HEXADECIMAL.exec(text) ?? [];
  const digits = whole + fraction;
  if (digits === '' || digits.length > 13) return undefined;
  const value = Number.parseInt(digits, 16) * 2 ** (Number(exponent) - 4 * fraction.length);
  return Number.isFinite(value) ? (sign === '-' ? -value : value) : undefined;
}

/** Go's `%g`: as few digits as tell the double from every other, with an exponent from a million up. */
export function doubleText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const [, sign = '', first = '', rest = '', exponent = '0'] =
    /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(value.toExponential()) ?? [];
  const power = Number(exponent);
  if (power < -4 || power >= 6) return `${sign}${first}${rest === '' ? '' : `.${rest}`}e${exponentText(power)}`;
  return plainText(sign, first + rest, power);
}

const exponentText = (power: number): string => `${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;

function plainText(sign: string, digits: string, power: number): string {
  if (power < 0) return `${sign}0.${'0'.repeat(-power - 1)}${digits}`;
  if (digits.length <= power + 1) return sign + digits + '0'.repeat(power + 1 - digits.length);
  return `${sign}${digits.slice(0, power + 1)}.${digits.slice(power + 1)}`;
}
