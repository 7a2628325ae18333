import type { Group } from '../group.js';
import type { RandomBytes } from '../suite.js';

/** Each does everything right but for what it is given. By what it is. */
export type Doors<T = Uint8Array> = Readonly<Record<string, (wrong: T) => unknown>>;
export type Two = readonly [Uint8Array, Uint8Array];

/** A suite or a mode, and everywhere that a stranger's bytes come into it. */
export interface Scheme {
  readonly name: string;
  readonly group: Group;
  /** Honest elements: two blinded and what they evaluate to. */
  readonly blinded: Two;
  readonly evaluated: Two;
  readonly elements: Doors;
  /** Keys and blinds. */
  readonly scalars: Doors;
  /** Inputs and attributes. */
  readonly inputs: Doors;
  readonly batches: Doors<readonly Uint8Array[]>;
  readonly randomness: Doors<RandomBytes>;
  /** Finalizes a state whose lists are of unequal length. */
  unequalState(): unknown;
}
