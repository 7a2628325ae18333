/** The round that a span is of. */
export interface TracedRound {
  readonly id: string;
  readonly useCase: string;
  /** where it is known */
  readonly sequence?: number;
  readonly shard?: number | undefined;
}

/** A step of a round, once it is over. */
export interface RoundSpan {
  readonly name: string;
  readonly round: TracedRound;
  /** unix ms */
  readonly from: number;
  readonly to: number;
  /** the first of its round, which all others are below */
  readonly isRoot?: boolean;
  /** the class of the error that it ended with */
  readonly error?: string | undefined;
}
