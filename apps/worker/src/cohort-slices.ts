import { createHash } from 'node:crypto';

import {
  decodeInt32LE,
  squaredDistances,
  squaredNorms,
  weighed,
  type Cohort,
  type CohortProfile,
  type SliceAggregator,
} from '#learning';
import type { BodyStore } from '#storage/bodies';
import { StorageError } from '#storage/database';

import type { FoldTask } from './arithmetic.js';

/** What all updates' slices may take together. */
const SLICE_BYTES = 48 * 2 ** 20;

/** A cohort in the body store, read side by side: memory is bounded, whatever the cohort and the model. */
export class CohortSlices {
  readonly #length: number;

  constructor(
    private readonly store: BodyStore,
    private readonly submissions: FoldTask['submissions'],
    private readonly dimension: number,
    sliceBytes: number = SLICE_BYTES,
  ) {
    const fitting = Math.floor(sliceBytes / (4 * Math.max(1, submissions.length)));
    this.#length = Math.min(dimension, Math.max(1, fitting));
  }

  /**
   * Grid integers, in the order of the list. Only after the last slice is it known that the bodies are the ones that
   * were accepted.
   *
   * @throws StorageError `body_missing`, `body_damaged`
   */
  async *read(): AsyncGenerator<{ readonly from: number; readonly cohort: Cohort }> {
    const hashes = this.submissions.map(() => createHash('sha256'));
    for (let from = 0; from < this.dimension; from += this.#length) {
      const length = Math.min(this.#length, this.dimension - from);
      const cohort = [];
      for (const [i, { bodyId, weight }] of this.submissions.entries()) {
        const bytes = new Uint8Array(4 * length);
        await this.store.readAt(bodyId, 4 * from, bytes);
        hashes[i]!.update(bytes);
        cohort.push({ delta: decodeInt32LE(bytes), weight });
      }
      yield { from, cohort };
    }
    for (const [i, { payloadDigest }] of this.submissions.entries()) {
      if (!hashes[i]!.digest().equals(payloadDigest))
        throw new StorageError('body_damaged', 'a stored body is not what its row says');
    }
  }

  /** @returns the aggregate, real units, length d @throws those of `read`; LearningError where the strategy refuses */
  async aggregate({ profiles, weigh, combine }: SliceAggregator, scale: number): Promise<Float64Array> {
    const weights = weigh?.(await this.#profile(profiles, scale)) ?? this.submissions.map(({ weight }) => weight);
    const aggregate = new Float64Array(this.dimension);
    for await (const { from, cohort } of this.read()) {
      aggregate.set(
        combine(weighed(cohort, weights)).map((value) => value / scale),
        from,
      );
    }
    return aggregate;
  }

  async #profile(profiles: SliceAggregator['profiles'], scale: number): Promise<CohortProfile> {
    const n = this.submissions.length;
    const norms = new Float64Array(n);
    const distances = new Float64Array(profiles === 'distances' ? n * n : 0);
    if (profiles !== undefined) {
      for await (const { cohort } of this.read()) {
        squaredNorms(cohort, norms);
        if (profiles === 'distances') squaredDistances(cohort, distances);
      }
    }
    const inRealUnits = (squares: Float64Array): Float64Array => squares.map((square) => square / scale ** 2);
    const weights = this.submissions.map(({ weight }) => weight);
    return { weights, squaredNorms: inRealUnits(norms), distances: inRealUnits(distances) };
  }
}
