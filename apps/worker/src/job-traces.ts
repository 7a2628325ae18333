import type { Job, Worker } from 'bullmq';

import type { CloseJob, EvaluateJob, FoldJob, PublishJob } from '#queue';
import type { RoundNames } from '#storage/rounds';
import type { RoundTraces, TracedRound } from '#tracing';

type RoundJob = CloseJob | FoldJob | PublishJob | EvaluateJob;

/**
 * Jobs as spans of their rounds: how long one lay in the queue, and how long it took. They are told by the queue's own
 * times, when a job is over.
 */
export class JobTraces {
  constructor(
    private readonly names: RoundNames,
    private readonly traces: RoundTraces,
    private readonly onFailure: (error: unknown) => void,
  ) {}

  /** From now on its jobs are spans. */
  watch(worker: Worker<RoundJob>): void {
    if (!this.traces.isOn) return;
    worker.on('completed', (job) => void this.#add(job, worker.name).catch(this.onFailure));
    worker.on('failed', (job, { name }) => {
      if (job !== undefined) void this.#add(job, worker.name, name).catch(this.onFailure);
    });
  }

  async #add(job: Job<RoundJob>, queue: string, error?: string): Promise<void> {
    const { timestamp, processedOn, finishedOn = Date.now(), attemptsMade } = job;
    const round = await this.#roundOf(job.data);
    if (round === undefined || processedOn === undefined) return;
    // A second try waits for the first, not in the queue.
    if (attemptsMade <= 1) this.traces.add({ name: `queue ${queue}`, round, from: timestamp, to: processedOn });
    this.traces.add({ name: `job ${queue}`, round, from: processedOn, to: finishedOn, error });
  }

  async #roundOf(data: RoundJob): Promise<TracedRound | undefined> {
    if ('version' in data) return this.names.ofModel(data.useCase, data.version);
    const round = await this.names.find(data.roundId);
    return round && { ...round, shard: 'shard' in data ? data.shard : undefined };
  }
}
