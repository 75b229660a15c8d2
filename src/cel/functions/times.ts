// Parts of timestamps and durations, in UTC or in a time zone (cel-go common/stdlib/standard.go, inTimeZone).

import type { Meter } from '../meter.ts';
import { type Duration, floorDivide, type Timestamp, unixSeconds } from '../values/time.ts';
import { Fault, fault, type Outcome } from '../values/value.ts';
import type { FunctionTable } from './table.ts';

const TIMESTAMP = 'google.protobuf.Timestamp';
const DURATION = 'google.protobuf.Duration';

/** What each function takes from a date whose UTC fields are those of the zone. */
const PARTS: Readonly<Record<string, (date: Date) => number>> = {
  getDate: (date) => date.getUTCDate(),
  getDayOfMonth: (date) => date.getUTCDate() - 1,
  getDayOfWeek: (date) => date.getUTCDay(),
  getDayOfYear: (date) => Math.floor((date.getTime() - startOfYear(date)) / 86_400_000),
  getFullYear: (date) => date.getUTCFullYear(),
  getHours: (date) => date.getUTCHours(),
  getMilliseconds: (date) => date.getUTCMilliseconds(),
  getMinutes: (date) => date.getUTCMinutes(),
  getMonth: (date) => date.getUTCMonth(),
  getSeconds: (date) => date.getUTCSeconds(),
};

export const TIME_FUNCTIONS: FunctionTable = {
  ...Object.fromEntries(Object.entries(PARTS).flatMap(([name, part]) => partFunctions(name, part))),
  [`${DURATION}.getHours(): int`]: ({ nanos }: Duration) => nanos / 3_600_000_000_000n,
  [`${DURATION}.getMinutes(): int`]: ({ nanos }: Duration) => nanos / 60_000_000_000n,
  [`${DURATION}.getSeconds(): int`]: ({ nanos }: Duration) => nanos / 1_000_000_000n,
  [`${DURATION}.getMilliseconds(): int`]: ({ nanos }: Duration) => nanos / 1_000_000n,
};

function partFunctions(name: string, part: (date: Date) => number): [string, FunctionTable[string]][] {
  const inZone = (time: Timestamp, zone: string, meter: Meter): Outcome => {
    const offset = offsetSeconds(time, zone, meter);
    return offset instanceof Fault ? offset : BigInt(part(dateOf(time, offset)));
  };
  return [
    [`${TIMESTAMP}.${name}(): int`, (time: Timestamp) => BigInt(part(dateOf(time, 0)))],
    [`${TIMESTAMP}.${name}(string): int`, inZone],
  ];
}

const dateOf = ({ nanos }: Timestamp, offset: number): Date =>
  new Date(Number(floorDivide(nanos, 1_000_000n)) + offset * 1000);

function startOfYear(date: Date): number {
  const start = new Date(0);
  return start.setUTCFullYear(date.getUTCFullYear(), 0, 1);
}

/** Formatting a date in a zone costs more than kube-apiserver's one unit. */
const UNITS_PER_TIME_ZONE = 1_000;
const FIXED = /^([+-]?\d{1,4}):([+-]?\d{1,4})$/;

/** Seconds east of UTC: `Europe/Berlin` at that time, or `+05:30`. */
function offsetSeconds(time: Timestamp, zone: string, meter: Meter): number | Fault {
  if (zone === '' || zone === 'UTC') return 0;
  if (zone.includes(':')) {
    const [, hours, minutes] = FIXED.exec(zone) ?? [];
    if (hours === undefined || minutes === undefined) return fault('not a time zone such as +05:30');
    return 60 * (Number(hours) * 60 + (zone.startsWith('-') ? -1 : 1) * Number(minutes));
  }
  meter.work(UNITS_PER_TIME_ZONE);
  return namedOffset(time, zone);
}

const OFFSET = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/;
/** Before 1980 the versions of the time zone database disagree, after 2037 what is made of its rules. */
const OTHER_YEARS = fault('in a named time zone only the years from 1980 to 2037 are known here');
const UNKNOWN_ZONE = fault('not a time zone that is known here');
const CHANGED_ZONE = fault('the rules of this time zone have changed, and not every time zone database knows it');

/** Zones with new laws, and the first year in which the databases of 2025 and of 2026 give other times. */
const CHANGED: ReadonlyMap<string, number> = new Map([
  ['Africa/Casablanca', 2026],
  ['Africa/El_Aaiun', 2026],
  ['America/Edmonton', 2026],
  ['America/Vancouver', 2026],
  ['America/Yellowknife', 2026],
  ['Canada/Mountain', 2026],
  ['Canada/Pacific', 2026],
  ['EET', 0],
  ['Europe/Chisinau', 2022],
  ['Europe/Tiraspol', 2022],
  ['WET', 0],
]);

function namedOffset(time: Timestamp, timeZone: string): number | Fault {
  if (timeZone === 'Local' || !/^[A-Za-z]/.test(timeZone)) return UNKNOWN_ZONE;
  const year = dateOf(time, 0).getUTCFullYear();
  if (year < 1980 || year > 2037) return OTHER_YEARS;
  if (year >= (CHANGED.get(timeZone) ?? Number.POSITIVE_INFINITY)) return CHANGED_ZONE;
  const format = zoneFormat(timeZone);
  if (format === undefined || !isWrittenAs(timeZone, format.resolvedOptions().timeZone)) return UNKNOWN_ZONE;
  const [, sign, hours, minutes, seconds = '0'] = OFFSET.exec(format.format(Number(unixSeconds(time)) * 1000)) ?? [];
  if (sign === undefined) return 0;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds));
}

/** Making one takes 0.2 ms, and an expression asks for the same zone again and again. */
const FORMATS = new Map<string, Intl.DateTimeFormat>();
const MAX_FORMATS = 8;

function zoneFormat(timeZone: string): Intl.DateTimeFormat | undefined {
  const kept = FORMATS.get(timeZone);
  if (kept !== undefined) return kept;
  try {
    const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
    if (FORMATS.size >= MAX_FORMATS) FORMATS.clear();
    FORMATS.set(timeZone, format);
    return format;
  } catch {
    return undefined;
  }
}

/** Words in the names of zones that are not written as `Berlin` is. */
const ODD_WORDS: ReadonlyMap<string, string> = new Map(
  (
    'ACT BajaNorte BajaSur CET CHAT ComodRivadavia CST6CDT DeNoronha EasterIsland EET EST EST5EDT GB GMT GMT0 HST IN ' +
    'LHI MET MST MST7MDT NSW NZ PRC PST8PDT ROC ROK SU UCT US UTC W WET'
  )
    .split(' ')
    .map((word) => [word.toLowerCase(), word]),
);

/** JavaScript takes the names of zones in any case, Go does not; other names of a zone are not in JavaScript's lists. */
function isWrittenAs(timeZone: string, name: string): boolean {
  if (name.toLowerCase() === timeZone.toLowerCase()) return name === timeZone;
  return timeZone.split(/[/_+-]/).every((word) => word === (ODD_WORDS.get(word.toLowerCase()) ?? capitalized(word)));
}

const capitalized = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase();
