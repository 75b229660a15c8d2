// Quantities (k8s.io/apiserver pkg/cel/library/quantity.go).

import {
  addQuantities,
  approximately,
  compareQuantities,
  integerOf,
  parseQuantity,
  Quantity,
  subtractQuantities,
} from '../values/quantity.ts';
import { fault } from '../values/value.ts';
import type { FunctionTable } from './table.ts';

const whole = (value: bigint): Quantity => new Quantity(value, 0, false);

export const QUANTITY_FUNCTIONS: FunctionTable = {
  'quantity(string): kubernetes.Quantity': parseQuantity,
  'isQuantity(string): bool': (text: string) => parseQuantity(text) instanceof Quantity,
  'sign(kubernetes.Quantity): int': ({ digits }: Quantity) => (digits > 0n ? 1n : digits < 0n ? -1n : 0n),
  'kubernetes.Quantity.isInteger(): bool': (quantity: Quantity) => integerOf(quantity) !== undefined,
  'kubernetes.Quantity.asInteger(): int': (quantity: Quantity) =>
    integerOf(quantity) ?? fault('asInteger: the quantity is not an integer'),
  'kubernetes.Quantity.asApproximateFloat(): double': approximately,
  'kubernetes.Quantity.compareTo(kubernetes.Quantity): int': (a: Quantity, b: Quantity) =>
    BigInt(compareQuantities(a, b)),
  'kubernetes.Quantity.isGreaterThan(kubernetes.Quantity): bool': (a: Quantity, b: Quantity) =>
    compareQuantities(a, b) > 0,
  'kubernetes.Quantity.isLessThan(kubernetes.Quantity): bool': (a: Quantity, b: Quantity) =>
    compareQuantities(a, b) < 0,
  'kubernetes.Quantity.add(kubernetes.Quantity): kubernetes.Quantity': (a: Quantity, b: Quantity) =>
    addQuantities(a, b),
  'kubernetes.Quantity.add(int): kubernetes.Quantity': (a: Quantity, b: bigint) => addQuantities(a, whole(b)),
  'kubernetes.Quantity.sub(kubernetes.Quantity): kubernetes.Quantity': (a: Quantity, b: Quantity) =>
    subtractQuantities(a, b),
  'kubernetes.Quantity.sub(int): kubernetes.Quantity': (a: Quantity, b: bigint) => subtractQuantities(a, whole(b)),
};
