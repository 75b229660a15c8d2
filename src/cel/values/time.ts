// Timestamps and durations to the nanosecond, in Go's text forms (Go's time package, cel-go common/types).

import { type Fault, fault } from './value.ts';

const NANOS = 1_000_000_000n;
const MAX_INT = 2n ** 63n - 1n;
const MIN_SECONDS = -62_135_596_800n;
const MAX_SECONDS = 253_402_300_799n;

/** A span of at most ±292 years. */
export class Duration {
  readonly typeName = 'google.protobuf.Duration';
  readonly nanos: bigint;

  constructor(nanos: bigint) {
    this.nanos = nanos;
  }

  get isZero(): boolean {
    return this.nanos === 0n;
  }

  equals(other: unknown): boolean {
    return other instanceof Duration && other.nanos === this.nanos;
  }
}

/** A point in time from year 1 to 9999; text keeps the offset that it was written with. */
export class Timestamp {
  readonly typeName = 'google.protobuf.Timestamp';
  /** Since 1970. */
  readonly nanos: bigint;
  readonly offsetSeconds: number;

  constructor(nanos: bigint, offsetSeconds = 0) {
    this.nanos = nanos;
    this.offsetSeconds = offsetSeconds;
  }

  /** Go's zero time is the first day of year 1, not 1970. */
  get isZero(): boolean {
    return this.nanos === MIN_SECONDS * NANOS;
  }

  equals(other: unknown): boolean {
    return other instanceof Timestamp && other.nanos === this.nanos;
  }
}

/** A duration of this many nanoseconds, or that it is too long. */
export function durationOf(nanos: bigint): Duration | Fault {
  return nanos > MAX_INT || nanos < -MAX_INT - 1n ? fault('the duration is too long') : new Duration(nanos);
}

/** The timestamp, or that its year is not between 1 and 9999. */
export function timestampOf(nanos: bigint, offsetSeconds = 0): Timestamp | Fault {
  const seconds = floorDivide(nanos, NANOS);
  if (seconds < MIN_SECONDS || seconds > MAX_SECONDS) return fault('the year is not between 1 and 9999');
  return new Timestamp(nanos, offsetSeconds);
}

export const unixSeconds = (time: Timestamp): bigint => floorDivide(time.nanos, NANOS);

export function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value % by < 0n ? quotient - 1n : quotient;
}

const RFC_3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d{1,2}):(\d\d):(\d\d)(?:[.,](\d+))?(?:Z|([+-])(\d\d):(\d\d))$/;

/** RFC 3339 as Go's time.Parse takes it: one digit for the hour and a comma before the fraction are let pass. */
export function parseTimestamp(text: string): Timestamp | Fault {
  const parts = RFC_3339.exec(text);
  if (parts === null) return fault('not a timestamp of RFC 3339');
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(1, 7).map(Number);
  const [fraction = '', sign, offsetHours = '0', offsetMinutes = '0'] = parts.slice(7);
  const offset = (Number(offsetHours) * 60 + Number(offsetMinutes)) * 60 * (sign === '-' ? -1 : 1);
  const isOff = month < 1 || month > 12 || day < 1 || day > daysIn(year, month) || hour > 23 || minute > 59;
  if (isOff || second > 59 || Number(offsetHours) > 24 || Number(offsetMinutes) > 60) {
    return fault('not a timestamp of RFC 3339');
  }
  const seconds = daysFromCivil(year, month, day) * 86_400n + BigInt(hour * 3600 + minute * 60 + second - offset);
  return timestampOf(seconds * NANOS + BigInt(fraction.slice(0, 9).padEnd(9, '0')), offset);
}

const daysIn = (year: number, month: number): number => new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();

function daysFromCivil(year: number, month: number, day: number): bigint {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return BigInt(Math.round(date.getTime() / 86_400_000));
}

/** RFC 3339 with the offset that the timestamp was written with, and as many digits as it takes. */
export function timestampText(time: Timestamp): string {
  const { nanos, offsetSeconds } = time;
  const local = new Date(Number(unixSeconds(time)) * 1000 + offsetSeconds * 1000).toISOString().slice(0, 19);
  const fraction = trimZeros((((nanos % NANOS) + NANOS) % NANOS).toString().padStart(9, '0'));
  return `${local}${fraction === '' ? '' : `.${fraction}`}${offsetText(offsetSeconds)}`;
}

function offsetText(seconds: number): string {
  if (seconds === 0) return 'Z';
  const minutes = Math.trunc(Math.abs(seconds) / 60);
  return `${seconds < 0 ? '-' : '+'}${two(Math.trunc(minutes / 60))}:${two(minutes % 60)}`;
}

const two = (value: number): string => String(value).padStart(2, '0');
const trimZeros = (digits: string): string => digits.replace(/0+$/, '');

const UNIT_NANOS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: NANOS,
  m: 60n * NANOS,
  h: 3_600n * NANOS,
};
const MAX_DURATION_CHARACTERS = 256;
const STEP = /(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/gy;
const NO_DURATION = fault('not a duration such as 1h30m');

/** Go's time.ParseDuration: `-1.5h`, `2h45m`, `0`. */
export function parseDuration(text: string): Duration | Fault {
  if (text.length > MAX_DURATION_CHARACTERS) return fault('the text of the duration is over 256 characters');
  const unsigned = text.replace(/^[+-]/, '');
  if (unsigned === '0') return new Duration(0n);
  const steps = [...unsigned.matchAll(STEP)];
  const isWhole = steps.length > 0 && steps.map(([all]) => all).join('') === unsigned;
  if (!isWhole || steps.some(([, whole = '', fraction = '']) => whole + fraction === '')) return NO_DURATION;
  let nanos = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of steps) {
    const scale = UNIT_NANOS[unit] ?? 0n;
    nanos += BigInt(`0${whole}`) * scale + fractionOf(fraction, scale);
  }
  return nanos > MAX_INT + (text.startsWith('-') ? 1n : 0n)
    ? NO_DURATION
    : new Duration(text.startsWith('-') ? -nanos : nanos);
}

const fractionOf = (digits: string, scale: bigint): bigint =>
  digits === '' ? 0n : (BigInt(digits) * scale) / 10n ** BigInt(digits.length);

/** Seconds with a fraction, `5400.5s`; as Go has it, through a double. */
export function durationText({ nanos }: Duration): string {
  return `${decimalText(Number(nanos / NANOS) + Number(nanos % NANOS) / 1e9)}s`;
}

/** A double without an exponent, as few digits as tell it from every other double. */
export function decimalText(value: number): string {
  const text = String(value);
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(text) ?? [];
  const shift = Number(exponent);
  if (shift === 0) return text;
  const digits = whole + fraction;
  const point = whole.length + shift;
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  if (point >= digits.length) return sign + digits + '0'.repeat(point - digits.length);
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}
