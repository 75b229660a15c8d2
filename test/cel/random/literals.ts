// Literals that random expressions begin with: text that many functions read, and numbers at the edges of their types.

import type { JsonObject, JsonValue } from '../../../src/text/json.ts';
import type { Random } from '../../fuzz/random.ts';

/** Every function that reads text finds some here that it takes, and much that it does not. */
const TEXTS: readonly [string, ...string[]] = [
  '',
  'a',
  'b',
  'jane',
  'Jane.Doe@corp.example',
  'a,b,,c',
  'ab',
  'abcabc',
  ' \tx ',
  'Jürgen',
  'a😀b',
  'ſtraße',
  '0',
  '-0',
  '7',
  '-12',
  '0x1f',
  '1_000',
  '1.5',
  '.5',
  '1e3',
  '-1.25e-2',
  'NaN',
  'Inf',
  '9223372036854775807',
  '9223372036854775808',
  'true',
  'FALSE',
  't',
  '1h30m',
  '-1.5s',
  '90m',
  '1.000000001s',
  '2024-02-29T12:34:56Z',
  '2024-02-29T23:34:56.789+05:30',
  '1969-12-31T23:59:59.999999999Z',
  '+05:30',
  '-08:00',
  'UTC',
  'Nowhere/Land',
  '10.1.2.3',
  '10.1.2.0/24',
  '10.0.0.0/8',
  '::1',
  'fe80::1',
  'FE80::0001',
  '2001:db8::/32',
  '::ffff:10.1.2.3',
  '01.2.3.4',
  '224.0.0.1',
  'https://jane:pw@corp.example:8443/a%20b/c?x=1&y=2&x=3#top',
  'http://[::1]:80/',
  '/only/path',
  'mailto:jane@corp.example',
  'https://corp.example',
  '1.2.3',
  'v1.2',
  '1.2.3-rc.1+build.5',
  '01.2.3',
  '1.10.0',
  '100Mi',
  '1k',
  '1.5Gi',
  '-250m',
  '12e6',
  '0.0001n',
  '%s',
  '%d',
  '%.2f',
  '%s-%s',
  '%x',
  '%X',
  '%o',
  '%b',
  '%e',
  '%%',
  '%q',
  'a+',
  '^j',
  '[a-z]+',
  '(a|b)*',
  'b*',
  '\\d+',
  '\\bj',
  '(?i)JANE',
  '(',
  '[[:alpha:]]',
  'c$',
  'my-label',
  'My_Label',
  'corp.example',
  'corp.example/team',
  'dns1123Label',
  'uuid',
  'nope',
  '123e4567-e89b-12d3-a456-426614174000',
  'aGVsbG8=',
  '2024-02-29',
  'line\nbreak "quoted" \\ back',
  'x',
  'k',
];

const INTS = ['0', '1', '2', '3', '5', '-1', '-2', '10', '12', '255', '100', '1700000000', '4611686018427387904'];
const EDGES = ['9223372036854775807', '-9223372036854775808', '9007199254740993', '0x1F', '-0x10'];
const DOUBLES = ['0.0', '-0.0', '1.0', '1.5', '-2.25', '3.14159', '1e21', '1e-7', '2.5', '0.5', '1e308', '100.0'];
const UINTS = ['0u', '1u', '2u', '3u', '18446744073709551615u', '0xFFu', '7u'];
const BYTES = ["b''", "b'a'", "b'abc'", "b'\\xff'", "b'J\\303\\274r'", "b'\\000'"];

const FORMATS = ['dns1123Label', 'dns1123Subdomain', 'dns1035Label', 'qualifiedName', 'dns1123LabelPrefix'].concat(
  'dns1123SubdomainPrefix',
  'dns1035LabelPrefix',
  'labelValue',
  'uri',
  'uuid',
  'byte',
  'date',
  'datetime',
);

/** A literal of the type, or undefined for types that have none. */
export function literalOf(type: string, random: Random): string | undefined {
  const pick = (items: readonly string[]): string => items[random.below(items.length)] ?? '';
  switch (type) {
    case 'string':
      return quoted(random.pick(TEXTS));
    case 'int':
      return pick(random.oneIn(8) ? EDGES : INTS);
    case 'uint':
      return pick(UINTS);
    case 'double':
      return pick(DOUBLES);
    case 'bytes':
      return pick(BYTES);
    case 'bool':
      return pick(['true', 'false']);
    case 'null_type':
      return 'null';
    case 'google.protobuf.Duration':
      return `duration(${pick(["'1h'", "'90m'", "'-1.5s'", "'0s'", "'1ns'", "'2562047h'"])})`;
    case 'google.protobuf.Timestamp':
      return `timestamp(${pick(["'2024-02-29T12:34:56Z'", "'2024-02-29T23:34:56.789+05:30'", '0', '1700000000', "'0001-01-01T00:00:00Z'", "'9999-12-31T23:59:59.999999999Z'", "'1969-12-31T23:59:59.5Z'"])})`;
    case 'net.IP':
      return `ip(${pick(["'10.1.2.3'", "'::1'", "'fe80::1'", "'224.0.0.1'", "'2001:db8::7'"])})`;
    case 'net.CIDR':
      return `cidr(${pick(["'10.1.2.0/24'", "'10.1.2.3/8'", "'2001:db8::/32'", "'0.0.0.0/0'"])})`;
    case 'kubernetes.URL':
      return `url(${pick(["'https://jane:pw@corp.example:8443/a%20b/c?x=1&y=2&x=3#top'", "'http://[::1]:80/'", "'/only/path?a'"])})`;
    case 'kubernetes.Quantity':
      return `quantity(${pick(["'100Mi'", "'1k'", "'1.5Gi'", "'-250m'", "'0'", "'12e6'", "'9223372036854775807'"])})`;
    case 'kubernetes.Semver':
      return `semver(${pick(["'1.2.3'", "'1.10.0'", "'1.2.3-rc.1+build.5'", "'v1.2', true", "'0.0.0'"])})`;
    case 'kubernetes.NamedFormat':
      return `format.${pick(FORMATS)}()`;
    default:
      return undefined;
  }
}

/** A CEL literal in one of the ways to write one. */
function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n').replaceAll('\t', '\\t')}'`;
}

/** Claims for one expression: values of every JSON type, maps of one key at most, since Go walks maps in random order. */
export function randomClaims(random: Random): JsonObject {
  const text = (): string => random.pick(TEXTS);
  const value = (depth: number): JsonValue => {
    switch (random.below(depth === 0 ? 5 : 8)) {
      case 0:
        return text();
      case 1:
        return [0, 1, -1, 42, 1.5, 1e21, 4_102_444_800, 2 ** 53 - 1, -0.25][random.below(9)] ?? 0;
      case 2:
        return random.oneIn(2);
      case 3:
        return null;
      case 4:
        return text();
      case 5:
        return Array.from({ length: random.below(4) }, () => value(depth - 1));
      case 6:
        return Array.from({ length: random.below(4) }, text);
      default:
        return random.oneIn(4) ? {} : { [random.pick(['k', 'a.b', 'x-y', 'a__b', 'true', 'in'])]: value(depth - 1) };
    }
  };
  return Object.fromEntries(CLAIM_NAMES.filter(() => !random.oneIn(8)).map((name) => [name, value(2)]));
}

const CLAIM_NAMES = ['name', 'age', 'ok', 'groups', 'roles', 'example.org/team', 'deep'] as const;

/** Ways to name a claim, one that is there or not. */
export const CLAIMS = [
  'claims.name',
  'claims.age',
  'claims.ok',
  'claims.groups',
  'claims.roles',
  "claims['example.org/team']",
  'claims.example__dot__org__slash__team',
  'claims.deep',
  'claims.deep.k',
  'claims.groups[0]',
  'claims.nope',
] as const;
