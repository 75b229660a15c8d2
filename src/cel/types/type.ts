// The types that expressions are checked with, as kube-apiserver's compiler knows them, and their names.

/** A type; `params` are its element, key and value types, or what an optional or a type of types is about. */
export interface Type {
  readonly kind: Kind;
  /** As `type(x)` gives it and as signatures write it: `int`, `list`, `google.protobuf.Timestamp`, `net.IP`. */
  readonly name: string;
  readonly params: readonly Type[];
}

/** `opaque` is a type of a library, without fields; `object` has fields or could have; `param` stands for any type. */
export type Kind =
  | 'dyn'
  | 'any'
  | 'error'
  | 'null'
  | 'scalar'
  | 'time'
  | 'type'
  | 'list'
  | 'map'
  | 'optional'
  | 'opaque'
  | 'object'
  | 'param';

const simple = (kind: Kind, name: string): Type => ({ kind, name, params: [] });

export const DYN = simple('dyn', 'dyn');
/** google.protobuf.Any: taken for dyn by the checker, but no supertype when a literal's elements are compared. */
export const ANY = simple('any', 'any');
/** The type of what could not be checked; agrees with everything, so that one fault is reported once. */
export const ERROR = simple('error', '!error!');
export const NULL = simple('null', 'null_type');
export const BOOL = simple('scalar', 'bool');
export const BYTES = simple('scalar', 'bytes');
export const DOUBLE = simple('scalar', 'double');
export const INT = simple('scalar', 'int');
export const STRING = simple('scalar', 'string');
export const UINT = simple('scalar', 'uint');
export const DURATION = simple('time', 'google.protobuf.Duration');
export const TIMESTAMP = simple('time', 'google.protobuf.Timestamp');

export const listOf = (element: Type): Type => ({ kind: 'list', name: 'list', params: [element] });
export const mapOf = (key: Type, value: Type): Type => ({ kind: 'map', name: 'map', params: [key, value] });
export const optionalOf = (value: Type): Type => ({ kind: 'optional', name: 'optional_type', params: [value] });
export const typeOf = (about: Type): Type => ({ kind: 'type', name: 'type', params: [about] });
export const param = (name: string): Type => simple('param', name);

const OPAQUE = ['net.IP', 'net.CIDR'];
const OBJECTS = ['kubernetes.URL', 'kubernetes.Quantity', 'kubernetes.Semver', 'kubernetes.NamedFormat'];

const NAMED: ReadonlyMap<string, Type> = new Map(
  [DYN, NULL, BOOL, BYTES, DOUBLE, INT, STRING, UINT, DURATION, TIMESTAMP]
    .concat(OPAQUE.map((name) => simple('opaque', name)))
    .concat(OBJECTS.map((name) => simple('object', name)))
    .map((type) => [type.name, type]),
);

/** Names that stand for a type in an expression: `type(x) == int`. */
export const TYPE_NAMES: ReadonlyMap<string, Type> = new Map([
  ...[...NAMED].filter(([name, { kind }]) => name !== 'dyn' && kind !== 'object'),
  ['list', listOf(DYN)],
  ['map', mapOf(DYN, DYN)],
  ['type', typeOf(DYN)],
  ['optional_type', optionalOf(DYN)],
]);

/** Reads a type of a signature: `list<map<K, int>>`; one capital letter is a parameter. */
export function parseType(text: string): Type {
  const inner = /^([a-z_]+)<(.+)>$/.exec(text);
  if (inner === null) return namedType(text.trim());
  const [, name, params = ''] = inner;
  const [first = DYN, second = DYN] = splitParams(params).map(parseType);
  if (name === 'list') return listOf(first);
  if (name === 'optional_type') return optionalOf(first);
  return name === 'map' ? mapOf(first, second) : typeOf(first);
}

function namedType(name: string): Type {
  if (/^[A-Z]$/.test(name)) return param(name);
  const type = NAMED.get(name);
  if (type === undefined) throw new TypeError(`no type is named ${name}`);
  return type;
}

/** Splits `K, list<A, B>` at the commas that stand in no angle brackets. */
export function splitParams(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '<') depth++;
    else if (text[i] === '>') depth--;
    else if (text[i] === ',' && depth === 0) {
      parts.push(text.slice(start, i).trim());
      start = i + 1;
    }
  }
  const last = text.slice(start).trim();
  return last === '' ? parts : [...parts, last];
}

/** `map(string, list(int))`, as kube-apiserver's messages write it. */
export function typeText({ kind, name, params }: Type): string {
  const shown = kind === 'null' ? 'null' : name;
  return params.length === 0 ? shown : `${shown}(${params.map(typeText).join(', ')})`;
}

/** True for the same type with the same parameters; `names: false` takes all type parameters for one. */
export function sameType(a: Type, b: Type, names = true): boolean {
  if (a === b) return true;
  if (a.kind !== b.kind || a.params.length !== b.params.length) return false;
  if (a.name !== b.name && (names || a.kind !== 'param')) return false;
  return a.params.every((type, i) => sameType(type, b.params[i] ?? ERROR, names));
}

export const isDyn = ({ kind }: Type): boolean => kind === 'dyn' || kind === 'any';
