import { createHash } from 'node:crypto';

import type { Slice } from '#fold';
import { decodeInt32LE } from '#learning';
import type { BodyStore, OpenBody } from '#storage/bodies';
import { StorageError } from '#storage/database';

/** A stored update, as its row names it. */
export interface StoredUpdate {
  readonly bodyId: Uint8Array;
  /** SHA-256 */
  readonly payloadDigest: Uint8Array;
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
 * being worked on. Memory: 16 MiB, or 32 KiB an update if that is more, whatever the number of coordinates.
 *
 * Digests are checked again, since files may rot between intake and here, and they are known only after the last
 * slice: until this has returned, nothing that was computed may leave.
 *
 * @param pieceBytes  of one update in one slice, whole integers; as many as fit when left out
 * @throws StorageError `body_missing`, `body_damaged`
 */
export async function* readSlices(
  store: BodyStore,
  updates: readonly StoredUpdate[],
  dimension: number,
  pieceBytes: number = pieceOf(updates.length),
): AsyncGenerator<CohortSlice, void> {
  const step = pieceBytes / 4;
  const bodies: HashedBody[] = [];
  let next: Promise<unknown> = Promise.resolve();
  try {
    for (const [i, update] of updates.entries()) {
      bodies.push(await HashedBody.open(store, update, { dimension, step, staysOpen: i < STAY_OPEN }));
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

interface Shape {
  readonly dimension: number;
  /** coordinates of a piece */
  readonly step: number;
  readonly staysOpen: boolean;
}

/** One update, read from its beginning to its end into two buffers in turn, and hashed on the way. */
class HashedBody {
  readonly #hash = createHash('sha256');
  readonly #buffers: [Uint8Array, Uint8Array];
  #piece: Uint8Array = new Uint8Array(0);

  private constructor(
    private readonly store: BodyStore,
    private readonly update: StoredUpdate,
    private readonly shape: Shape,
    private readonly keptOpen: OpenBody | undefined,
  ) {
    const bytes = 4 * Math.min(shape.step, shape.dimension);
    this.#buffers = [new Uint8Array(bytes), new Uint8Array(bytes)];
  }

  static async open(store: BodyStore, update: StoredUpdate, shape: Shape): Promise<HashedBody> {
    const body = await store.open(update.bodyId);
    const fits = body.length === 4 * shape.dimension;
    if (fits && shape.staysOpen) return new HashedBody(store, update, shape, body);
    await body.close();
    if (fits) return new HashedBody(store, update, shape, undefined);
    throw damaged();
  }

  async read(from: number): Promise<void> {
    const count = Math.min(this.shape.step, this.shape.dimension - from);
    this.#piece = this.#buffers[0].subarray(0, 4 * count);
    this.#buffers.reverse();
    const body = this.keptOpen ?? (await this.store.open(this.update.bodyId));
    try {
      await body.read(this.#piece, 4 * from);
    } finally {
      if (body !== this.keptOpen) await body.close();
    }
    this.#hash.update(this.#piece);
  }

  /** What was read last. */
  take(): Int32Array {
    return decodeInt32LE(this.#piece);
  }

  check(): void {
    if (!this.#hash.digest().equals(this.update.payloadDigest)) throw damaged();
  }

  async close(): Promise<void> {
    await this.keptOpen?.close();
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

export const damaged = (): StorageError => new StorageError('body_damaged', 'a stored body is not what its row says');
