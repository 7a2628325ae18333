import type { AttackKind } from './attacks/index.js';
import type { RunSettings } from './run-settings.js';
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
  /** how long the round waits for its devices, where one device's training is 1; null where the clock says it */
  readonly duration: number | null;
  /** by the clock, from its opening until its model was published; null in memory, and for an abandoned round */
  readonly seconds: number | null;
  /** the same, from the opening of the run's first round */
  readonly elapsed: number | null;
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
  /** `elapsed` of that round */
  readonly goalSeconds: number | null;
  /** how many times those of the fastest run that differs from this one in the last axis alone */
  readonly goalRatio: number | null;
  /** accepted updates by the versions that the model had moved on by, from 0; null in memory */
  readonly staleness: readonly number[] | null;
  /** why it ended before its last round */
  readonly ended: string | null;
  /** of the machine it ran on */
  readonly seconds: number;
}

export const GOAL_REACHED = 'The goal is reached.';

/** Whether a run ends with this round. */
export const isGoalReached = (
  { goal, untilGoal }: Pick<RunSettings, 'goal' | 'untilGoal'>,
  { accuracy }: Pick<RoundMetrics, 'accuracy'>,
): boolean => untilGoal && goal !== undefined && accuracy >= goal;

export const total = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);
