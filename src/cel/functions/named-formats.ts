// Named formats of strings (k8s.io/apiserver pkg/cel/library/format.go).

import { NAMED_FORMATS, type NamedFormat } from '../values/named-format.ts';
import { Fault, List, NONE, Optional } from '../values/value.ts';
import type { FunctionTable } from './table.ts';

export const NAMED_FORMAT_FUNCTIONS: FunctionTable = {
  ...Object.fromEntries(
    [...NAMED_FORMATS].map(([name, format]) => [`format.${name}(): kubernetes.NamedFormat`, () => format]),
  ),
  'format.named(string): optional_type<kubernetes.NamedFormat>': (name: string) =>
    new Optional(NAMED_FORMATS.get(name)),
  'kubernetes.NamedFormat.validate(string): optional_type<list<string>>': (format: NamedFormat, text: string) => {
    const problems = format.check(Buffer.from(text).toString('latin1'));
    if (problems instanceof Fault) return problems;
    return problems.length === 0 ? NONE : new Optional(new List(problems));
  },
};
