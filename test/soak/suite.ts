/** What a suite is asked to do. */
export interface SuitePlan {
  /** all that is random comes from it: the same seed makes the same run */
  readonly seed: number;
  /** how much of it: each suite says what one is */
  readonly k: number;
}

/** What a run came to: a row of the table. The clients' own notes are the judge, never the server's tables. */
export interface SuiteResult {
  /** size of one repetition, in words: `50 tokens × 200` */
  readonly n: string;
  /** what must have been accepted, and what was */
  readonly expected: number;
  readonly accepted: number;
  /** acknowledged and not counted, counted twice, counted and never sent */
  readonly lost: number;
  readonly doubled: number;
  readonly alien: number;
  /** what else must be zero to pass, in words; empty when nothing is wrong */
  readonly wrong: readonly string[];
  /** of what honest clients waited for, where it was measured */
  readonly p99Ms?: number;
  /** of the largest process under test, where it was measured */
  readonly memoryMb?: number;
  /** a figure or two that belong to this suite alone */
  readonly note?: string;
}

/** One suite of the plan: small in `npm test`, repeated for as long as asked in `npm run soak`. */
export interface Suite {
  readonly name: string;
  /** k of one turn of `npm run soak` */
  readonly soakK: number;
  run(plan: SuitePlan): Promise<SuiteResult>;
}

export const passed = ({ expected, accepted, lost, doubled, alien, wrong }: SuiteResult): boolean =>
  expected === accepted && lost === 0 && doubled === 0 && alien === 0 && wrong.length === 0;
