// The shape of a row in the closed tables of reasons.

export interface ReasonRow {
  /** One sentence for a person who reads a log line or `explain`. */
  readonly meaning: string;
  /** The operator's next step. */
  readonly next: string;
  /** The upstream evaluated the password and did not accept it: counts against the failed-password budget. */
  readonly evaluated?: true;
  /** The upstream could not be reached or did not answer: counts against the circuit. */
  readonly transport?: true;
  /** Found by the broker alone: says nothing about the upstream. */
  readonly local?: true;
}

/** Types a table so that its keys become a union and its rows stay checked. */
export const reasonRows = <K extends string>(table: Record<K, ReasonRow>): Readonly<Record<K, ReasonRow>> => table;
