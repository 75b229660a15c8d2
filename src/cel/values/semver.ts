// Semantic versions as github.com/blang/semver reads and compares them (semver.org 2.0.0).

import { stringOrder } from './compare.ts';
import { type Fault, fault, NO_OVERLOAD, type Value } from './value.ts';

export class Semver {
  readonly typeName = 'kubernetes.Semver';
  readonly core: readonly bigint[];
  readonly pre: readonly string[];
  readonly #text: string;

  constructor(core: readonly bigint[], pre: readonly string[], text: string) {
    this.core = core;
    this.pre = pre;
    this.#text = text;
  }

  equals(other: Value): boolean | Fault {
    return other instanceof Semver ? compareVersions(this, other) === 0 : NO_OVERLOAD;
  }

  toString(): string {
    return this.#text;
  }
}

const NUMBER = '0|[1-9][0-9]*';
const VERSION = new RegExp(`^(${NUMBER})\\.(${NUMBER})\\.(${NUMBER})(?:-([^+]*))?(?:\\+(.*))?$`, 's');
const PRE = new RegExp(`^(?:${NUMBER}|(?=[0-9]*[a-zA-Z-])[0-9a-zA-Z-]+)$`);
const BUILD = /^[0-9a-zA-Z-]+$/;
const LIMIT = 2n ** 64n;

export function parseSemver(text: string): Semver | Fault {
  const [, major = '', minor = '', patch = '', pre, build] = VERSION.exec(text) ?? [];
  const core = [major, minor, patch].map((part) => (part === '' ? LIMIT : BigInt(part)));
  const [pres, builds] = [pre?.split('.') ?? [], build?.split('.') ?? []];
  const isGood = pres.every((part) => PRE.test(part)) && builds.every((part) => BUILD.test(part));
  const isSmall = [...core, ...pres.filter(isNumeric).map(BigInt)].every((part) => part < LIMIT);
  return isGood && isSmall ? new Semver(core, pres, text) : fault('not a semantic version');
}

/** Takes `v1.2` for `1.2.0` first (k8s.io/apiserver pkg/cel/library/semverlib.go, normalizeAndParse). */
export function parseLenient(text: string): Semver | Fault {
  const [major = '', minor, ...rest] = text.replace(/^v/, '').split('.');
  const parts = [major, ...(minor === undefined ? [] : [minor]), ...(rest.length === 0 ? [] : [rest.join('.')])];
  if (parts.length < 3 && /[+-]/.test(parts.at(-1) ?? '')) return fault('not a semantic version');
  const filled = [...parts.map(withoutZeros), '0', '0'].slice(0, 3);
  return parseSemver(filled.join('.'));
}

function withoutZeros(part: string): string {
  if (part.length <= 1) return part;
  const rest = part.replace(/^0+/, '');
  return /^[0-9]/.test(rest) ? rest : `0${rest}`;
}

/** -1, 0 or 1; what stands after `+` does not count. */
export function compareVersions(a: Semver, b: Semver): -1 | 0 | 1 {
  for (const [i, part] of a.core.entries()) {
    const other = b.core[i] ?? 0n;
    if (part !== other) return part < other ? -1 : 1;
  }
  if (a.pre.length === 0 || b.pre.length === 0) return a.pre.length === b.pre.length ? 0 : a.pre.length === 0 ? 1 : -1;
  for (const [i, part] of a.pre.entries()) {
    const other = b.pre[i];
    const order = other === undefined ? 1 : comparePre(part, other);
    if (order !== 0) return order;
  }
  return a.pre.length === b.pre.length ? 0 : -1;
}

const isNumeric = (part: string): boolean => /^[0-9]+$/.test(part);

/** Numbers by value and before words, words by their bytes. */
function comparePre(a: string, b: string): -1 | 0 | 1 {
  if (isNumeric(a) !== isNumeric(b)) return isNumeric(a) ? -1 : 1;
  const order = isNumeric(a) ? Number(BigInt(a) - BigInt(b)) : stringOrder(a, b);
  return order < 0 ? -1 : order > 0 ? 1 : 0;
}
