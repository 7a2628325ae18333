import { Processor, WorkerHost } from '@nestjs/bullmq';
import { UnrecoverableError, type Job } from 'bullmq';

import { crashPoint } from '#crash-point';
import { Strategies } from '#learning';
import {
  JOB_SETTINGS,
  QUEUE,
  WORKER_SETTINGS,
  type CloseJob,
  type EvaluateJob,
  type FoldJob,
  type PublishJob,
} from '#queue';
import { RoundClosing } from '#storage/intake-closed';
import { RoundResults } from '#storage/rounds';

import { RottenError } from './arithmetic.js';
import { ModelEvaluator } from './model-evaluator.js';
import { Reconciler } from './reconciler.js';
import { RoundFolder, shardsOf } from './round-folder.js';

/** Freezes a round, then asks for its folding. */
@Processor(QUEUE.close, { ...WORKER_SETTINGS, concurrency: 2 })
export class CloseProcessor extends WorkerHost {
  constructor(
    private readonly closing: RoundClosing,
    private readonly strategies: Strategies,
    private readonly reconciler: Reconciler,
  ) {
    super();
  }

  async process({ data }: Job<CloseJob>): Promise<void> {
    const closed = await this.closing.close(data.roundId, (choice, n) => shardsOf(this.strategies, choice, n));
    if (closed !== 'frozen') return;
    crashPoint('worker-frozen');
    await this.reconciler.askToFold(data.roundId);
  }
}

/** Sums a shard of the frozen list. */
@Processor(QUEUE.fold, { ...WORKER_SETTINGS, concurrency: 2 })
export class FoldProcessor extends WorkerHost {
  constructor(
    private readonly folder: RoundFolder,
    private readonly results: RoundResults,
  ) {
    super();
  }

  process({ data }: Job<FoldJob>): Promise<void> {
    return orFail(this.results, data.roundId, () => this.folder.fold(data.roundId, data.shard));
  }
}

/** Runs when all shards of a round are summed. */
@Processor(QUEUE.publish, { ...WORKER_SETTINGS, concurrency: 1 })
export class PublishProcessor extends WorkerHost {
  constructor(
    private readonly folder: RoundFolder,
    private readonly results: RoundResults,
    private readonly reconciler: Reconciler,
  ) {
    super();
  }

  async process({ data }: Job<PublishJob>): Promise<void> {
    await orFail(this.results, data.roundId, () => this.folder.publish(data.roundId));
    await this.reconciler.askToEvaluate();
  }
}

@Processor(QUEUE.evaluate, { ...WORKER_SETTINGS, concurrency: 1 })
export class EvaluateProcessor extends WorkerHost {
  constructor(private readonly evaluator: ModelEvaluator) {
    super();
  }

  async process({ data, attemptsMade }: Job<EvaluateJob>): Promise<void> {
    const isLast = attemptsMade + 1 >= JOB_SETTINGS.attempts;
    await this.evaluator.evaluate(data.useCase, data.version, { isLast });
  }
}

/** Rotten content stays rotten: the round ends and says so. The rest is I/O: BullMQ backs off, the reconciler asks again. */
async function orFail(results: RoundResults, roundId: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof RottenError)) throw error;
    await results.fail(roundId, `It could not be summed: ${error.message}.`);
    throw Object.assign(new UnrecoverableError(error.name), { cause: error });
  }
}
