import type { Slice } from '#fold';
import { encodingOf, type EncodingChoice } from '#learning';
import type { BodyStore, OpenBody } from '#storage/bodies';

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
 * Files of one cohort that stay open; those of a larger one are opened for each piece, so many at a time. Two cohorts
 * are read at once, and what a system lets a process have open is 1024 as a rule.
 */
const STAY_OPEN = 256;
const AT_A_TIME = 64;

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
    for (const [i, { bodyId, payloadDigest }] of submissions.entries()) {
      const body = i < STAY_OPEN ? await store.open(bodyId) : await openedForEachPiece(store, bodyId);
      bodies.push(
        encoding.kind === 'dense'
          ? await DenseBody.of(body, payloadDigest, encoding, shape)
          : await SparseBody.of(body, payloadDigest, encoding, shape),
      );
    }
    const read = async (from: number): Promise<void> => {
      for (let i = 0; i < bodies.length && from < dimension; i += AT_A_TIME) {
        await allSettled(bodies.slice(i, i + AT_A_TIME).map((body) => body.read(from)));
      }
    };
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

/** A body that holds no file open between two pieces. @throws StorageError `body_missing` */
async function openedForEachPiece(store: BodyStore, id: Uint8Array): Promise<OpenBody> {
  const first = await store.open(id);
  await first.close();
  return {
    length: first.length,
    close: async () => undefined,
    read: async (into, position) => {
      const body = await store.open(id);
      try {
        await body.read(into, position);
      } finally {
        await body.close();
      }
    },
  };
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
