// Conversions of timestamps and durations that cel-js lacks.

import type { FunctionTable } from './table.ts';

export const CONVERSION_FUNCTIONS: FunctionTable = {
  'string(google.protobuf.Timestamp): string': (time: Date) => time.toISOString().replace('.000Z', 'Z'),
  'string(google.protobuf.Duration): string': (duration: { toString(): string }) => duration.toString(),
  'int(google.protobuf.Timestamp): int': (time: Date) => BigInt(Math.floor(time.getTime() / 1000)),
};
