import { availableParallelism } from 'node:os';

import type { Piscina } from 'piscina';

import { openThreads } from '#process';
import type { Topology } from '#tensorflow';

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

/**
 * Threads that train. A result depends on its task alone, not on the thread, their number or the order.
 * WebAssembly has one thread per instance: many devices in parallel is how all cores are used.
 */
export class TrainingPool {
  readonly #pool: Piscina<TrainingTask, Float32Array>;

  /** @param threads  default: one a core */
  constructor(threads = availableParallelism()) {
    this.#pool = openThreads(new URL('./training.worker.js', import.meta.url), { threads });
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

  /** Ends the threads; trainings under way are lost. */
  close(): Promise<void> {
    return this.#pool.destroy();
  }
}
