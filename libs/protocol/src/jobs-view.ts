/** How a job is. `unqueued`: work that is due by the tables, and no job asks for it. */
export const JOB_STATES = ['active', 'unqueued', 'failed', 'delayed', 'waiting'] as const;
export type JobState = (typeof JOB_STATES)[number];

/** What becomes of a work that failed: it is still to be done, a later try did it, or nobody tries it again. */
export type AfterFailure = 'again' | 'done' | 'over';

/** What the worker is to do, as the tables know it. Null is what it does not have. */
export interface Work {
  /** `close-round`, `fold-shard`, `publish-round` or `evaluate-model` */
  readonly queue: string;
  readonly useCase: string | null;
  /** its number in the use case; of a model that is measured, the round that made it */
  readonly round: number | null;
  readonly roundId: string | null;
  /** counted from 0 */
  readonly shard: number | null;
  /** of the model that is measured */
  readonly version: number | null;
}

/** Times are ISO 8601. */
export interface JobView extends Work {
  readonly state: JobState;
  /** that are over, of `mostTries` before the job ends; then another one is made */
  readonly tries: number;
  /** null where there is no job */
  readonly mostTries: number | null;
  /** how often its worker was gone before it ended */
  readonly stalls: number;
  /** that publishing waits for */
  readonly shardsLeft: number | null;
  /** when it was added; without a job since when it is due, null where no table says so */
  readonly since: string | null;
  /** of the try that is under way */
  readonly begunAt: string | null;
  /** of a delayed one */
  readonly nextAt: string | null;
  /** the last one of this work */
  readonly failure: { readonly at: string; readonly reason: string } | null;
}

/** A work that failed, once or several times. */
export interface JobFailureView extends Work {
  /** of the last try */
  readonly at: string;
  readonly reason: string;
  /** that failed */
  readonly tries: number;
  readonly next: AfterFailure;
}

/** What is in the queues, and what failed last. */
export interface JobsView {
  /** at most 100: under way, due without a job, the others; the longest first */
  readonly jobs: readonly JobView[];
  /** how many there are */
  readonly total: number;
  /** the last ten of each queue, newest first */
  readonly failures: readonly JobFailureView[];
}

/** `digits, round 12` */
export const nameOfRound = ({ useCase, round }: { readonly useCase: string; readonly round: number }): string =>
  `${useCase}, round ${round}`;

const DEEDS: Readonly<Record<string, string>> = {
  'close-round': 'Close',
  'fold-shard': 'Sum',
  'publish-round': 'Publish',
  'evaluate-model': 'Measure',
};

/** `Sum digits, round 12, shard 3`; `Measure digits@4`. */
export function nameOfWork({ queue, useCase, round, shard, version }: Work): string {
  const deed = DEEDS[queue] ?? queue;
  if (useCase === null) return `${deed} something that is gone`;
  if (version !== null) return `${deed} ${useCase}@${version}`;
  const named = round === null ? useCase : nameOfRound({ useCase, round });
  return `${deed} ${named}${shard === null ? '' : `, shard ${shard}`}`;
}
