import type { AttackKind } from './attacks/index.js';
import type { Run } from './scenario.js';

/** What one round did. Numbers of devices, but where it says otherwise. */
export interface RoundMetrics {
  /** from 1 */
  readonly round: number;
  /** of the model after the round, on examples that no device has: a share, and nats */
  readonly accuracy: number;
  readonly loss: number;
  /** share of marked examples of other classes that the model gives the attackers' class; null without a backdoor */
  readonly attackSuccess: number | null;
  /** of all releases so far, for one device; null without noise */
  readonly epsilon: number | null;
  readonly asked: number;
  readonly accepted: number;
  /** by the code of the check */
  readonly refused: Readonly<Record<string, number>>;
  readonly vanished: number;
  /** after the deadline */
  readonly late: number;
  /** honest updates that the clip shortened */
  readonly clipped: number;
  /** of this round: the scenario's, or what adaptive clipping made of it */
  readonly clip: number;
  /** adaptive clipping: share of updates within the clip, with noise; null without */
  readonly unclipped: number | null;
  /** median L2 norm of the honest updates before the clip; null without any */
  readonly norm: number | null;
  /** how long the round waits for its devices; one device's training is 1 */
  readonly duration: number;
  /** why the model stayed as it was; null where it did not */
  readonly abandoned: string | null;
}

/** One run with all its rounds. */
export interface RunResult {
  readonly labels: Run['labels'];
  readonly settings: Run['settings'];
  readonly attackers: { readonly kind: AttackKind; readonly devices: number } | null;
  readonly rounds: readonly RoundMetrics[];
  /** after the last round */
  readonly accuracy: number;
  readonly loss: number;
  /** accuracy of the same training on all examples in one place; null where it was not asked for */
  readonly centralised: number | null;
  readonly attackSuccess: number | null;
  readonly epsilon: number | null;
  /** sums over the rounds */
  readonly accepted: number;
  readonly refused: number;
  /** first round that reached the goal; null where none did, or there is no goal */
  readonly goalReached: number | null;
  /** why it ended before its last round */
  readonly ended: string | null;
  /** of the machine it ran on */
  readonly seconds: number;
}

export const total = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);
