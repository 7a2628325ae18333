import type { JobsOptions, WorkerOptions } from 'bullmq';

/** The steps of a round, a queue each. Jobs carry ids; what they do is decided from the tables. */
export const QUEUE = {
  close: 'close-round',
  fold: 'fold-shard',
  publish: 'publish-round',
  evaluate: 'evaluate-model',
} as const;

export interface CloseJob {
  readonly roundId: string;
}
export interface FoldJob {
  readonly roundId: string;
  readonly shard: number;
}
export interface PublishJob {
  readonly roundId: string;
}
export interface EvaluateJob {
  readonly useCase: string;
  readonly version: number;
}

/**
 * With BullMQ's defaults a killed worker's job came back after 61 s, and a second kill failed it for
 * ever. With these it took 2.2–2.6 s and survived six kills.
 */
export const WORKER_SETTINGS = {
  lockDuration: 2000,
  stalledInterval: 1000,
  maxStalledCount: 1000,
  // 15 s after an outage by default: rounds stood still for so long.
  runRetryDelay: 500,
} as const satisfies Partial<WorkerOptions>;

/** A job that ends in any way goes: whether there is more to do is in the tables, and the reconciler looks there. */
export const JOB_SETTINGS = {
  attempts: 5,
  backoff: { type: 'exponential', delay: 250 },
  removeOnComplete: true,
  removeOnFail: true,
} as const satisfies JobsOptions;

/** Ids without a colon, which BullMQ keeps for itself; the same work has the same id, so it is queued once. */
export const JOB_ID = {
  close: ({ roundId }: CloseJob): string => `close-${roundId}`,
  fold: ({ roundId, shard }: FoldJob): string => `fold-${roundId}-${shard}`,
  publish: ({ roundId }: PublishJob): string => `publish-${roundId}`,
  evaluate: ({ useCase, version }: EvaluateJob): string => `evaluate-${useCase}-${version}`,
};
