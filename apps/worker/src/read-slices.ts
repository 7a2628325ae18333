import type { Slice } from '#fold';
import { encodingOf, type EncodingChoice } from '#learning';
import type { BodyStore } from '#storage/bodies';

import { DenseBody, SparseBody, type UpdateBody } from './update-body.js';

/** A stored update, as its row names it. */
export interface StoredUpdate {
  readonly bodyId: Uint8Array;
  /** SHA-256 */
  readonly payloadDigest: Uint8Array;
}

/** Updates of one use case. */
export interface StoredCohort {
  readonly submissions: readonly StoredUpdate[];
  /** d */
  readonly dimension: number;
  readonly encoding: EncodingChoice;
}

export interface CohortSlice {
  /** first coordinate */
  readonly from: number;
  /** coordinates */
  readonly length: number;
  /** an array an update, in the order of the list; overwritten when the next slice is asked for */
  readonly rows: Slice;
}

/** Of one cohort being read, both slices together: so many coordinates a slice as fit, whatever the cohort. */
const BUFFER_BYTES = 2 ** 24;
/** Below, the calls cost more than what they read. */
const LEAST_PIECE_BYTES = 2 ** 14;
const MOST_PIECE_BYTES = 2 ** 20;

/**
 * The coordinates of a cohort from first to last, some of every update at a time; the next slice is read while one is
 * being worked on. Whatever the encoding, they are int32 from here on. Memory: 16 MiB, or 32 KiB an update if that is more,
 * and for a sparse one a window of 7 kB beside it, whatever the number of coordinates.
 *
 * Digests are checked again, since files may rot between intake and here, and they are known only after the last
 * slice: until this has returned, nothing that was computed may leave.
 *
 * @param pieceBytes  of one update in one slice, whole integers; as many as fit when left out
 * @throws StorageError `body_missing`, `body_damaged`
 */
export async function* readSlices(
  store: BodyStore,
  { submissions, dimension, encoding: choice }: StoredCohort,
  pieceBytes: number = pieceOf(submissions.length),
): AsyncGenerator<CohortSlice, void> {
  const step = pieceBytes / 4;
  const encoding = encodingOf(choice, dimension);
  const shape = { dimension, step };
  const bodies: UpdateBody[] = [];
  let next: Promise<unknown> = Promise.resolve();
  try {
    for (const { bodyId, payloadDigest } of submissions) {
      const body = await store.open(bodyId);
      bodies.push(
        encoding.kind === 'dense'
          ? await DenseBody.of(body, payloadDigest, encoding, shape)
          : await SparseBody.of(body, payloadDigest, encoding, shape),
      );
    }
    const read = (from: number): Promise<unknown> =>
      from < dimension ? allSettled(bodies.map((body) => body.read(from))) : Promise.resolve();
    next = read(0);
    for (let from = 0; from < dimension; from += step) {
      await next;
      const rows = bodies.map((body) => body.take());
      next = read(from + step);
      // Whoever asks for no more of it may not come to wait for it.
      next.catch(() => {});
      yield { from, length: Math.min(step, dimension - from), rows };
    }
    for (const body of bodies) body.check();
  } finally {
    // A file is not closed, nor a buffer given up, while it is being read.
    await next.catch(() => {});
    await Promise.all(bodies.map((body) => body.close()));
  }
}

/** Bytes of one update in one slice. */
function pieceOf(count: number): number {
  const fitting = Math.floor(BUFFER_BYTES / 2 / Math.max(1, count) / LEAST_PIECE_BYTES) * LEAST_PIECE_BYTES;
  return Math.min(MOST_PIECE_BYTES, Math.max(LEAST_PIECE_BYTES, fitting));
}

/** Waits for all, then fails as the first that failed. */
async function allSettled(works: readonly Promise<void>[]): Promise<void> {
  for (const outcome of await Promise.allSettled(works)) {
    if (outcome.status === 'rejected') throw outcome.reason;
  }
}
