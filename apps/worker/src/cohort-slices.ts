import type { FoldKernel } from '#fold';
import {
  squaredDistances,
  squaredNorms,
  weighed,
  type Aggregation,
  type CohortProfile,
  type SliceAggregator,
} from '#learning';
import type { BodyStore } from '#storage/bodies';

import type { FoldTask } from './arithmetic.js';
import { readSlices } from './read-slices.js';
import type { UpdateNorms } from './update-norms.js';

export interface CohortPorts {
  readonly store: BodyStore;
  readonly kernel: FoldKernel;
}

/** A cohort in the body store, read side by side: memory is bounded, whatever the cohort and the model. */
export class CohortSlices {
  /** @param pieceBytes  as `readSlices` has it, for tests */
  constructor(
    private readonly ports: CohortPorts,
    private readonly task: Pick<FoldTask, 'submissions' | 'dimension' | 'encoding'>,
    private readonly pieceBytes?: number,
  ) {}

  /**
   * Grid integers, in the order of the list; they are overwritten when the next slice is asked for. Only after the last
   * is it known that the bodies are the ones that were accepted.
   *
   * @throws StorageError `body_missing`, `body_damaged`
   */
  async *read(): AsyncGenerator<{ readonly from: number; readonly cohort: readonly IntegerContribution[] }> {
    const { task, pieceBytes } = this;
    for await (const { from, rows } of readSlices(this.ports.store, task, pieceBytes)) {
      yield { from, cohort: rows.map((delta, i) => ({ delta, weight: task.submissions[i]!.weight })) };
    }
  }

  /**
   * @param norms  is shown every slice, once
   * @returns the aggregate, real units, length d
   * @throws those of `read`; LearningError where the strategy refuses
   */
  async aggregate(aggregator: SliceAggregator, scale: number, norms?: UpdateNorms): Promise<Float64Array> {
    const { profiles, weigh } = aggregator;
    const combine = fastest(aggregator, this.ports.kernel);
    const weights = weigh?.(await this.#profile(profiles, scale)) ?? this.#weights;
    const aggregate = new Float64Array(this.task.dimension);
    for await (const { from, cohort } of this.read()) {
      norms?.add(cohort.map(({ delta }) => delta));
      aggregate.set(
        combine(weighed(cohort, weights)).map((value) => value / scale),
        from,
      );
    }
    return aggregate;
  }

  get #weights(): number[] {
    return this.task.submissions.map(({ weight }) => weight);
  }

  async #profile(profiles: SliceAggregator['profiles'], scale: number): Promise<CohortProfile> {
    const n = this.#weights.length;
    const norms = new Float64Array(n);
    const distances = new Float64Array(profiles === 'distances' ? n * n : 0);
    if (profiles !== undefined) {
      for await (const { cohort } of this.read()) {
        squaredNorms(cohort, norms);
        if (profiles === 'distances') squaredDistances(cohort, distances);
      }
    }
    const inRealUnits = (squares: Float64Array): Float64Array => squares.map((square) => square / scale ** 2);
    return { weights: this.#weights, squaredNorms: inRealUnits(norms), distances: inRealUnits(distances) };
  }
}

interface IntegerContribution {
  readonly delta: Int32Array;
  readonly weight: number;
}

/** By the kernel, where the aggregator says that it is what the kernel computes. */
function fastest({ ranks, combine }: SliceAggregator, kernel: FoldKernel): Aggregation {
  if (ranks === undefined) return combine;
  return (cohort) => {
    const rows = cohort.map(({ delta }) => delta as Int32Array);
    return ranks === 'median' ? kernel.median(rows) : kernel.trimmedMean(rows, ranks.cut(rows.length));
  };
}
