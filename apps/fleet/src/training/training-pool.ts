import { availableParallelism } from 'node:os';

import { openThreads } from '#process';
import type { Evaluation, Topology } from '#tensorflow';

import type { Examples } from '../data/index.js';
import type { TrainingSettings } from './local-training.js';

/** One device's training of one round. */
export interface TrainingTask {
  readonly topology: Topology;
  /** The round's model, float32, layout order. */
  readonly parameters: Float32Array;
  readonly examples: Examples;
  readonly settings: TrainingSettings & { readonly seed: number | string };
}

/** One device's evaluation of a model. */
export type EvaluationTask = Omit<TrainingTask, 'settings'>;

/**
 * Threads that train. A result depends on its task alone, not on the thread, their number or the order.
 * WebAssembly has one thread per instance: many devices in parallel is how all cores are used.
 */
export class TrainingPool {
  readonly #pool;

  /** @param threads  default: one a core */
  constructor(threads = availableParallelism()) {
    this.#pool = openThreads<object, never>(new URL('./training.worker.js', import.meta.url), { threads });
  }

  /**
   * Trains in the next free thread.
   *
   * @returns the trained parameters, float32, layout order
   * @throws what the training threw, or an AbortError when the signal fires
   */
  train(task: TrainingTask, signal?: AbortSignal): Promise<Float32Array> {
    return this.#pool.run(task, signal === undefined ? {} : { signal });
  }

  /** Measures a model in the next free thread, on at least one example. @throws as `train` */
  evaluate(task: EvaluationTask): Promise<Evaluation> {
    return this.#pool.run(task, { name: 'evaluate' });
  }

  /** Ends the threads; trainings under way are lost. */
  close(): Promise<void> {
    return this.#pool.destroy();
  }
}
