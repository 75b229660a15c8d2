// Quantities of Kubernetes such as `1.5Gi`, exact to a billionth (k8s.io/apimachinery pkg/api/resource).

import { type Fault, fault, NO_OVERLOAD, type Value } from './value.ts';

/** `digits * 10 ** exponent`. */
export class Quantity {
  readonly typeName = 'kubernetes.Quantity';
  readonly digits: bigint;
  readonly exponent: number;
  /** Too long for Go's 64 bits when it was read: never an integer, whatever its value. */
  readonly isWide: boolean;
  /** kube-apiserver cannot compare with `==` what stands on the right and is the result of `add` or `sub`. */
  readonly isResult: boolean;

  constructor(digits: bigint, exponent: number, isWide: boolean, isResult = false) {
    this.digits = digits;
    this.exponent = exponent;
    this.isWide = isWide;
    this.isResult = isResult;
  }

  equals(other: Value): boolean | Fault {
    return other instanceof Quantity && !other.isResult ? compareQuantities(this, other) === 0 : NO_OVERLOAD;
  }
}

const QUANTITY = /^([+-]?)0*([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*[+-]?[0-9]*)$/;
const WRONG = fault('not a quantity');
const NANO = -9;
const INT_LIMIT = 2n ** 63n;
const MAX_EXPONENT = 400;
const DECIMAL: ReadonlyMap<string, number> = new Map(
  ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'].map((suffix, i) => [suffix, 3 * (i - 3)]),
);
const BINARY: ReadonlyMap<string, number> = new Map(
  ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'].map((suffix, i) => [suffix, 10 * (i + 1)]),
);

/** As ParseQuantity: what is smaller than a billionth is rounded away from zero. */
export function parseQuantity(text: string): Quantity | Fault {
  const [, sign, whole = '', fraction = '', suffix = ''] = QUANTITY.exec(text) ?? [];
  if (sign === undefined || text === '') return WRONG;
  const factor = sign === '-' ? -1n : 1n;
  const number = factor * BigInt(`0${whole}${fraction}`);
  const length = Math.max(whole.length, 1) + fraction.length;
  const binary = BINARY.get(suffix);
  if (binary !== undefined) return binaryQuantity(number, fraction.length, length, binary);
  const power = DECIMAL.get(suffix) ?? exponentOf(suffix);
  if (power === undefined || Math.abs(power) > MAX_EXPONENT) return WRONG;
  const exponent = power - fraction.length;
  const isWide = length > 18 || exponent < NANO;
  return isWide ? rounded(number, exponent) : new Quantity(number, exponent, false);
}

/** `e3`, `E-3`. */
function exponentOf(suffix: string): number | undefined {
  return /^[eE][+-]?[0-9]{1,6}$/.test(suffix) ? Number(suffix.slice(1)) : undefined;
}

function binaryQuantity(number: bigint, decimals: number, length: number, bits: number): Quantity {
  const value = number << BigInt(bits);
  const isNarrow = decimals === 0 && 15 - length - Math.trunc((bits * 3) / 10) - 1 >= 0 && abs(value) < INT_LIMIT;
  if (isNarrow) return new Quantity(value, 0, false);
  const wide = rounded(value, -decimals);
  const most = new Quantity(value < 0n ? 1n - INT_LIMIT : INT_LIMIT - 1n, 0, true);
  return abs(aligned(wide, 0)) > abs(aligned(most, 0)) ? most : wide;
}

const abs = (value: bigint): bigint => (value < 0n ? -value : value);

/** In billionths, as Go keeps it: the double of a quantity is made from them. */
function rounded(digits: bigint, exponent: number): Quantity {
  if (exponent >= NANO) return new Quantity(digits * 10n ** BigInt(exponent - NANO), NANO, true);
  const unit = 10n ** BigInt(NANO - exponent);
  const up = digits % unit === 0n ? 0n : digits < 0n ? -1n : 1n;
  return new Quantity(digits / unit + up, NANO, true);
}

/** In units of a billionth, or of something smaller. */
const aligned = ({ digits, exponent }: Quantity, extra: number): bigint =>
  digits * 10n ** BigInt(Math.max(0, exponent - NANO + extra));

export function compareQuantities(a: Quantity, b: Quantity): -1 | 0 | 1 {
  const [left, right] = [aligned(a, 0), aligned(b, 0)];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Stays narrow as long as Go's 64 bits hold it. */
export function addQuantities(a: Quantity, b: Quantity): Quantity {
  if (b.digits === 0n && !b.isWide) return new Quantity(a.digits, a.exponent, a.isWide, true);
  if (a.digits === 0n && !a.isWide && !b.isWide) return new Quantity(b.digits, b.exponent, b.isWide, true);
  const exponent = Math.min(a.exponent, b.exponent);
  const [left, right] = [a, b].map((one) => one.digits * 10n ** BigInt(one.exponent - exponent));
  const sum = (left ?? 0n) + (right ?? 0n);
  const isWide = a.isWide || b.isWide || [left ?? 0n, right ?? 0n, sum].some((value) => abs(value) >= INT_LIMIT);
  return new Quantity(sum, exponent, isWide, true);
}

/** The least int64 has no negative in Go's 64 bits: kube-apiserver adds it instead. */
export function subtractQuantities(a: Quantity, { digits, exponent, isWide }: Quantity): Quantity | Fault {
  if (digits === -INT_LIMIT && !isWide) return fault('sub: the quantity is too small');
  return addQuantities(a, new Quantity(-digits, exponent, isWide));
}

/** Undefined when Go would not take it for an int64, as for `1.0`. */
export function integerOf({ digits, exponent, isWide }: Quantity): bigint | undefined {
  if (isWide || exponent < 0) return undefined;
  const value = digits * 10n ** BigInt(exponent);
  return abs(value) < INT_LIMIT ? value : undefined;
}

export function approximately({ digits, exponent }: Quantity): number {
  return exponent === 0 ? Number(digits) : Number(digits) * Number(`1e${exponent}`);
}
