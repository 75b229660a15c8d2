// One row of a table of reasons: what it means, what to do next, and how budget and circuit count it.

export interface ReasonRow {
  /** One sentence for a person who reads a log line or `explain`. */
  readonly meaning: string;
  /** The operator's next step, unless the provider type knows a better one. */
  readonly next: string;
  /**
   * The upstream evaluated the name or the password, and did not accept it: counts against the failed-password budget. An
   * unknown name counts as well, or the budget would tell who exists.
   */
  readonly evaluated?: true;
  /** The upstream could not be reached or did not answer: counts against the circuit. */
  readonly transport?: true;
  /** Found by the broker alone: says nothing about the upstream. */
  readonly local?: true;
}

/** Types a table so that its keys become a union and its rows stay checked. */
export const reasonRows = <K extends string>(table: Record<K, ReasonRow>): Readonly<Record<K, ReasonRow>> => table;
