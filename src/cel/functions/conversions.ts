// Conversions, as Go reads and writes text (cel-go common/types, ConvertToType).

import { decodeUtf8 } from '../../text/utf8.ts';
import { doubleText, int, intOfDouble, parseDouble, parseInteger, uint, uintOfDouble } from '../values/numbers.ts';
import { sizeOf } from '../values/size.ts';
import {
  type Duration,
  durationText,
  parseDuration,
  parseTimestamp,
  timestampOf,
  timestampText,
  unixSeconds,
} from '../values/time.ts';
import { fault, type Outcome, TypeName, typeNameOf, type Uint, type Value } from '../values/value.ts';
import type { FunctionTable } from './table.ts';

const itself = (value: Value): Value => value;
const size = (value: Value): bigint => BigInt(sizeOf(value));

export const CONVERSIONS: FunctionTable = {
  'bool(bool): bool': itself,
  'bool(string): bool': boolOf,
  'bytes(bytes): bytes': itself,
  'bytes(string): bytes': (text: string) => Buffer.from(text),
  'double(double): double': itself,
  'double(int): double': (value: bigint) => Number(value),
  'double(string): double': (text: string) => parseDouble(text) ?? fault('not a number'),
  'double(uint): double': ({ value }: Uint) => Number(value),
  'duration(google.protobuf.Duration): google.protobuf.Duration': itself,
  'duration(string): google.protobuf.Duration': parseDuration,
  'dyn(A): dyn': itself,
  'int(int): int': itself,
  'int(double): int': intOfDouble,
  'int(google.protobuf.Duration): int': ({ nanos }: Duration) => nanos,
  'int(string): int': (text: string) => integerOf(text),
  'int(google.protobuf.Timestamp): int': unixSeconds,
  'int(uint): int': ({ value }: Uint) => int(value),
  'string(string): string': itself,
  'string(bool): string': String,
  'string(bytes): string': (bytes: Uint8Array) => decodeUtf8(bytes) ?? fault('the bytes are not UTF-8'),
  'string(double): string': doubleText,
  'string(google.protobuf.Duration): string': durationText,
  'string(int): string': String,
  'string(google.protobuf.Timestamp): string': timestampText,
  'string(uint): string': ({ value }: Uint) => String(value),
  'timestamp(google.protobuf.Timestamp): google.protobuf.Timestamp': itself,
  'timestamp(int): google.protobuf.Timestamp': (seconds: bigint) => timestampOf(seconds * 1_000_000_000n),
  'timestamp(string): google.protobuf.Timestamp': parseTimestamp,
  'type(A): type<A>': (value: Value) => new TypeName(typeNameOf(value)),
  'uint(uint): uint': itself,
  'uint(double): uint': uintOfDouble,
  'uint(int): uint': uint,
  'uint(string): uint': (text: string) =>
    /^[0-9]{1,32}$/.test(text) ? uint(BigInt(text)) : fault('not an unsigned integer'),
  'size(bytes): int': size,
  'size(list<A>): int': size,
  'size(map<A, B>): int': size,
  'size(string): int': size,
  'bytes.size(): int': size,
  'list<A>.size(): int': size,
  'map<A, B>.size(): int': size,
  'string.size(): int': size,
};

/** Go's strconv.ParseBool. */
function boolOf(text: string): Outcome {
  if (/^(?:1|t|T|true|TRUE|True)$/.test(text)) return true;
  return /^(?:0|f|F|false|FALSE|False)$/.test(text) ? false : fault('not a bool');
}

function integerOf(text: string): Outcome {
  const value = parseInteger(text);
  return value === undefined ? fault('not an integer') : int(value);
}
