// Semantic versions (k8s.io/apiserver pkg/cel/library/semverlib.go).

import { compareVersions, parseLenient, parseSemver, Semver } from '../values/semver.ts';
import type { Fault } from '../values/value.ts';
import type { FunctionTable } from './table.ts';

const parse = (text: string, isLenient: boolean): Semver | Fault =>
  isLenient ? parseLenient(text) : parseSemver(text);

/** As Go turns a uint64 into an int64: what is too large becomes negative. */
const int64 = (part: bigint): bigint => BigInt.asIntN(64, part);

export const SEMVER_FUNCTIONS: FunctionTable = {
  'semver(string): kubernetes.Semver': (text: string) => parseSemver(text),
  'semver(string, bool): kubernetes.Semver': parse,
  'isSemver(string): bool': (text: string) => parseSemver(text) instanceof Semver,
  'isSemver(string, bool): bool': (text: string, isLenient: boolean) => parse(text, isLenient) instanceof Semver,
  'kubernetes.Semver.compareTo(kubernetes.Semver): int': (a: Semver, b: Semver) => BigInt(compareVersions(a, b)),
  'kubernetes.Semver.isGreaterThan(kubernetes.Semver): bool': (a: Semver, b: Semver) => compareVersions(a, b) > 0,
  'kubernetes.Semver.isLessThan(kubernetes.Semver): bool': (a: Semver, b: Semver) => compareVersions(a, b) < 0,
  'kubernetes.Semver.major(): int': ({ core: [major = 0n] }: Semver) => int64(major),
  'kubernetes.Semver.minor(): int': ({ core: [, minor = 0n] }: Semver) => int64(minor),
  'kubernetes.Semver.patch(): int': ({ core: [, , patch = 0n] }: Semver) => int64(patch),
};
