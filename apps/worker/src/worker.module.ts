import { createHash } from 'node:crypto';

import { BullModule, getFlowProducerToken, getQueueToken } from '@nestjs/bullmq';
import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import type { ConnectionOptions, FlowProducer, Queue } from 'bullmq';
import type { Registry } from 'prom-client';

import { HealthModule, METRICS, type Readiness } from '#edge';
import { Strategies } from '#learning';
import { QUEUE } from '#queue';
import { FileBodyStore, ModelStore } from '#storage/bodies';
import type { Pool } from '#storage/database';
import { FinishedRounds, RoundClosing } from '#storage/intake-closed';
import { Models, readQueues, ReleaseLedger, RoundResults } from '#storage/rounds';
import { merkleRoot } from '#transparency';

import type { Arithmetic } from './arithmetic.js';
import type { WorkerConfig } from './config.js';
import type { EvaluationTask } from './evaluation.worker.js';
import { ModelEvaluator } from './model-evaluator.js';
import { Reconciler, type ReconcilerPorts } from './reconciler.js';
import { RoundFolder } from './round-folder.js';
import { CloseProcessor, EvaluateProcessor, FoldProcessor, PublishProcessor } from './round-processors.js';
import { publishQueues, WorkCounts } from './worker-metrics.js';

export interface WorkerParts {
  readonly pool: Pool;
  readonly readiness: Readiness;
  readonly config: WorkerConfig;
  readonly connection: ConnectionOptions;
  readonly strategies: Strategies;
  readonly arithmetic: Arithmetic;
  readonly measure: (task: EvaluationTask) => Promise<{ accuracy: number; loss: number }>;
}

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();

@Module({})
export class WorkerModule {
  static with({ pool, readiness, config, connection, strategies, arithmetic, measure }: WorkerParts): DynamicModule {
    const { BODIES_DIRECTORY: bodiesDirectory, MODELS_DIRECTORY: modelsDirectory } = config;
    const bodies = new FileBodyStore(bodiesDirectory);
    const modelFiles = new ModelStore(modelsDirectory);
    const results = new RoundResults(pool);
    const models = new Models(pool);
    const closing = new RoundClosing(pool, (leaves) => merkleRoot(sha256, leaves));
    const finished = new FinishedRounds(pool);
    return {
      module: WorkerModule,
      imports: [
        HealthModule.with('worker', readiness),
        BullModule.forRoot({ connection }),
        BullModule.registerQueue(...Object.values(QUEUE).map((name) => ({ name }))),
        BullModule.registerFlowProducer({}),
      ],
      providers: [
        CloseProcessor,
        FoldProcessor,
        PublishProcessor,
        EvaluateProcessor,
        { provide: RoundResults, useValue: results },
        { provide: RoundClosing, useValue: closing },
        { provide: Strategies, useValue: strategies },
        {
          provide: WorkCounts,
          inject: [METRICS],
          useFactory: (metrics: Registry) => {
            publishQueues(metrics, () => readQueues(pool));
            return new WorkCounts(metrics);
          },
        },
        {
          provide: RoundFolder,
          inject: [WorkCounts],
          useFactory: (counts: WorkCounts) => {
            const ports = {
              results,
              ledger: new ReleaseLedger(pool),
              bodies,
              arithmetic,
              bodiesDirectory,
              modelsDirectory,
            };
            return new RoundFolder({ ...ports, onFolded: (shard) => counts.folded(shard) });
          },
        },
        { provide: ModelEvaluator, useValue: new ModelEvaluator(models, modelFiles, measure) },
        reconcilerOf({ closing, results, models, finished, bodies, modelFiles }),
      ],
    };
  }
}

/** It asks queues for work, which Nest makes. */
function reconcilerOf(
  ports: Omit<ReconcilerPorts, 'closeQueue' | 'publishQueue' | 'evaluateQueue' | 'flows'>,
): Provider {
  return {
    provide: Reconciler,
    inject: [
      getQueueToken(QUEUE.close),
      getQueueToken(QUEUE.publish),
      getQueueToken(QUEUE.evaluate),
      getFlowProducerToken(),
    ],
    useFactory: (closeQueue: Queue, publishQueue: Queue, evaluateQueue: Queue, flows: FlowProducer) =>
      new Reconciler({ ...ports, closeQueue, publishQueue, evaluateQueue, flows }),
  };
}
