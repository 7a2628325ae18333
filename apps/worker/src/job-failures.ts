import { UnrecoverableError, type Job, type Worker } from 'bullmq';

import type { CloseJob, EvaluateJob, FoldJob, PublishJob } from '#queue';
import type { FailedTry, QueueJobs } from '#storage/rounds';

import { whyItFailed } from './why-it-failed.js';

type RoundJob = CloseJob | FoldJob | PublishJob | EvaluateJob;

/**
 * Writes down what failed, and why: a job that failed goes, or its work could not be asked for again under the same id.
 */
export class JobFailures {
  constructor(
    private readonly jobs: Pick<QueueJobs, 'noteFailure'>,
    /** told of a failure that another try may mend, and of one to write down: the log says where, without a message */
    private readonly onFailure: (error: unknown) => void,
  ) {}

  /** From now on what fails in it is written down. */
  watch(worker: Worker<RoundJob>): void {
    worker.on('failed', (job, error) => {
      if (!(error instanceof UnrecoverableError)) this.onFailure(error);
      if (job !== undefined) void this.jobs.noteFailure(failedTry(worker.name, job, error)).catch(this.onFailure);
    });
  }
}

function failedTry(queue: string, job: Job<RoundJob>, error: unknown): FailedTry {
  const { data } = job;
  const isModel = 'version' in data;
  return {
    queue,
    job: job.id ?? '',
    roundId: isModel ? null : data.roundId,
    useCase: isModel ? data.useCase : null,
    version: isModel ? data.version : null,
    shard: 'shard' in data ? data.shard : null,
    reason: whyItFailed(error, job),
  };
}
