// Bounds one evaluation, in kube-apiserver's units (cel-go interpreter/runtimecost.go) and in work of our own.

/** Units per evaluation (k8s.io/apiserver pkg/apis/cel/config.go, PerCallLimit). */
export const COST_LIMIT = 1_000_000;

/** Thrown when the units are used up; `||` and loops pass over faults, and must not pass over this. */
export const EXHAUSTED = new Error('cost limit exceeded');

/** One for each evaluation, so that evaluations may overlap. */
export class Meter {
  #cost = 0;
  #work = 0;

  /** Pays what kube-apiserver counts; throws {@link EXHAUSTED} when the evaluation may not go on. */
  pay(units: number): void {
    this.#cost += units;
    if (this.#cost > COST_LIMIT) throw EXHAUSTED;
  }

  /** Pays for what costs time or memory here and is not counted there, such as copying a list. The limit is the same. */
  work(units: number): void {
    this.#work += units;
    if (this.#work > COST_LIMIT) throw EXHAUSTED;
  }

  /** What {@link pay} was given. */
  get cost(): number {
    return this.#cost;
  }
}
