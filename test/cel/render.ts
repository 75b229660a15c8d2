// Writes a value as cel-go's types.Format does, so that values of every type can be compared with kube-apiserver's.

import { stringOrder } from '../../src/cel/values/compare.ts';
import { Cidr, Ip } from '../../src/cel/values/network.ts';
import { quoted } from '../../src/cel/values/quoted.ts';
import { Semver } from '../../src/cel/values/semver.ts';
import { Duration, decimalText, durationText, Timestamp, timestampText } from '../../src/cel/values/time.ts';
import { CelMap, keyValue, List, Optional, TypeName, Uint, type Value } from '../../src/cel/values/value.ts';

export function render(value: Value): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'number') return renderDouble(value);
  if (typeof value !== 'object') return String(value);
  if (value instanceof Uint) return `${value.value}u`;
  if (value instanceof Uint8Array) return `b"${Array.from(value, octal).join('')}"`;
  if (value instanceof List) return `[${value.items.map(render).join(', ')}]`;
  if (value instanceof CelMap) return renderMap(value);
  if (value instanceof Timestamp) return `timestamp("${timestampText(new Timestamp(value.nanos))}")`;
  if (value instanceof Duration) return `duration("${durationText(value)}")`;
  if (value instanceof Optional)
    return value.value === undefined ? 'optional.none()' : `optional.of(${render(value.value)})`;
  if (value instanceof Ip || value instanceof Cidr || value instanceof Semver) return String(value);
  return value instanceof TypeName ? value.name : value.typeName;
}

const octal = (byte: number): string => `\\${byte.toString(8).padStart(3, '0')}`;

function renderDouble(value: number): string {
  if (Number.isNaN(value)) return 'double("NaN")';
  if (!Number.isFinite(value)) return value > 0 ? 'double("Infinity")' : 'double("-Infinity")';
  const text = (Object.is(value, -0) ? '-' : '') + decimalText(value);
  return text.includes('.') ? text : `${text}.0`;
}

function renderMap({ entries }: CelMap): string {
  const pairs = [...entries].map(([key, value]) => [render(keyValue(key)), render(value)] as const);
  const sorted = pairs.toSorted(([a], [b]) => stringOrder(a, b));
  return `{${sorted.map(([key, value]) => `${key}: ${value}`).join(', ')}}`;
}
