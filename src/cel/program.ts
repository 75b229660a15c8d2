// From source to something that runs: parsed, checked, validated and planned as kube-apiserver does it.

import { EXHAUSTED } from './meter.ts';
import { newFrame } from './run/frame.ts';
import { planExpression } from './run/plan.ts';
import { type Scope, typesOf, type Variables } from './scope.ts';
import { parse } from './syntax/parse.ts';
import { allExprs, type Expr, INDEX, OPTIONAL_INDEX, OPTIONAL_SELECT } from './syntax/tree.ts';
import { check } from './types/check.ts';
import { ERROR, type Type } from './types/type.ts';
import { validate } from './types/validate.ts';
import { Fault, fault, type Outcome } from './values/value.ts';

export interface Program {
  readonly type: Type;
  /** Names that stand in the source as `claims.name`, in every way of writing it. */
  readonly claims: ReadonlySet<string>;
  /** Never throws; `cost` counts what was done also when it was too much. */
  run(variables: Variables): { readonly outcome: Outcome; readonly cost: number };
}

/** The program, or the first fault. */
export function makeProgram(source: string, scope: Scope): Program | Fault {
  const root = parse(source);
  if (root instanceof Fault) return root;
  const checked = check(root, typesOf(scope));
  if (checked instanceof Fault) return checked;
  const invalid = validate(root, checked);
  if (invalid !== undefined) return invalid;
  const run = planExpression(root, checked);
  if (run instanceof Fault) return run;
  return {
    type: checked.types.get(root) ?? ERROR,
    claims: claimsNamed(root),
    run(variables) {
      const frame = newFrame(variables);
      try {
        return { outcome: run(frame), cost: frame.meter.cost };
      } catch (error) {
        const words = error === EXHAUSTED ? 'the expression exceeds the cost limit for these values' : OUT_OF_STACK;
        return { outcome: fault(words), cost: frame.meter.cost };
      }
    },
  };
}

const OUT_OF_STACK = 'the expression could not be evaluated';

function claimsNamed(root: Expr): ReadonlySet<string> {
  return new Set([...allExprs(root)].flatMap(claimNamed));
}

function claimNamed(expr: Expr): string[] {
  const [operand, key] = expr.kind === 'select' ? [expr.operand, expr.field] : constantIndex(expr);
  return operand?.kind === 'ident' && operand.name === 'claims' && typeof key === 'string' ? [key] : [];
}

function constantIndex(expr: Expr): readonly [Expr | undefined, unknown] {
  if (expr.kind !== 'call' || !INDEXES.has(expr.name)) return [undefined, undefined];
  const [operand, key] = expr.args;
  return [operand, key?.kind === 'literal' ? key.value : undefined];
}

const INDEXES: ReadonlySet<string> = new Set([INDEX, OPTIONAL_INDEX, OPTIONAL_SELECT]);
