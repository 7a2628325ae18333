import type { Fault } from './use-case-history.js';

/** What somebody who trusts nobody finds in the whole log. */
export interface LogReport {
  readonly leaves: number;
  /** tree heads, each with its root computed anew */
  readonly heads: number;
  /** of the latest head, hex */
  readonly root: string;
  readonly useCases: number;
  readonly rounds: number;
  readonly results: number;
  /** models downloaded and hashed */
  readonly models: number;
  /** by the leaf they are about; none when all is well */
  readonly problems: readonly Fault[];
}
