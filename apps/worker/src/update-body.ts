import { createHash } from 'node:crypto';

import { ENTRY_BYTES, type DenseEncoding, type Entries, type EntryReader, type SparseEncoding } from '#learning';
import type { OpenBody } from '#storage/bodies';
import { StorageError } from '#storage/database';

export interface Shape {
  readonly dimension: number;
  /** coordinates of a piece */
  readonly step: number;
}

/** One update, read piece by piece from its beginning to its end, and hashed on the way. */
export interface UpdateBody {
  /** Reads the piece that begins at this coordinate. @throws StorageError `body_damaged` */
  read(from: number): Promise<void>;
  /** What was read last; overwritten when the next piece is taken. */
  take(): Int32Array;
  /** After the last piece. @throws StorageError `body_damaged` where the whole is not what its row says */
  check(): void;
  close(): Promise<void>;
}

/** Read into two buffers in turn, since a piece is worked on while the next one is read. */
export class DenseBody implements UpdateBody {
  readonly #hash = createHash('sha256');
  readonly #buffers: [Uint8Array, Uint8Array];
  readonly #wide: Int32Array;
  #piece: Uint8Array = new Uint8Array(0);

  private constructor(
    private readonly body: OpenBody,
    private readonly digest: Uint8Array,
    private readonly encoding: DenseEncoding,
    private readonly shape: Shape,
  ) {
    const most = Math.min(shape.step, shape.dimension);
    this.#buffers = [new Uint8Array(encoding.width * most), new Uint8Array(encoding.width * most)];
    // Of int32 the bytes are the integers.
    this.#wide = new Int32Array(encoding.width === 4 ? 0 : most);
  }

  /** @throws StorageError `body_damaged` for another length */
  static async of(body: OpenBody, digest: Uint8Array, encoding: DenseEncoding, shape: Shape): Promise<DenseBody> {
    await checkLength(body, encoding.payloadLength);
    return new DenseBody(body, digest, encoding, shape);
  }

  async read(from: number): Promise<void> {
    const { width } = this.encoding;
    const count = Math.min(this.shape.step, this.shape.dimension - from);
    this.#piece = this.#buffers[0].subarray(0, width * count);
    this.#buffers.reverse();
    await this.body.read(this.#piece, width * from);
    this.#hash.update(this.#piece);
  }

  take(): Int32Array {
    return this.encoding.widen(this.#piece, this.#wide);
  }

  check(): void {
    if (!this.#hash.digest().equals(this.digest)) throw damaged();
  }

  close(): Promise<void> {
    return this.body.close();
  }
}

/** Entries read at a time. */
const WINDOW = 512;
const NO_ENTRIES: Entries = { indices: new Uint32Array(0), values: new Int32Array(0) };

/** Entries are in the order of their coordinates, so that pieces of a row take them off a window that moves on. */
export class SparseBody implements UpdateBody {
  readonly #hash = createHash('sha256');
  readonly #window = new Uint8Array(ENTRY_BYTES * WINDOW);
  readonly #reader: EntryReader;
  readonly #rows: [Int32Array, Int32Array];
  #row: Int32Array = new Int32Array(0);
  #entries = NO_ENTRIES;
  /** of the window */
  #next = 0;
  /** byte of the file */
  #position = 0;

  private constructor(
    private readonly body: OpenBody,
    private readonly digest: Uint8Array,
    encoding: SparseEncoding,
    private readonly shape: Shape,
  ) {
    const most = Math.min(shape.step, shape.dimension);
    this.#reader = encoding.entries();
    this.#rows = [new Int32Array(most), new Int32Array(most)];
  }

  /** @throws StorageError `body_damaged` for another length */
  static async of(body: OpenBody, digest: Uint8Array, encoding: SparseEncoding, shape: Shape): Promise<SparseBody> {
    await checkLength(body, encoding.payloadLength);
    return new SparseBody(body, digest, encoding, shape);
  }

  async read(from: number): Promise<void> {
    const count = Math.min(this.shape.step, this.shape.dimension - from);
    const row = this.#rows[0].subarray(0, count).fill(0);
    this.#rows.reverse();
    this.#row = row;
    for (;;) {
      if (this.#next === this.#entries.indices.length && !(await this.#readWindow())) return;
      const { indices, values } = this.#entries;
      for (; this.#next < indices.length; this.#next++) {
        const index = indices[this.#next]!;
        if (index >= from + count) return;
        row[index - from] = values[this.#next]!;
      }
    }
  }

  /** @returns false at the end of the file */
  async #readWindow(): Promise<boolean> {
    const bytes = this.#window.subarray(0, this.body.length - this.#position);
    if (bytes.length === 0) return false;
    await this.body.read(bytes, this.#position);
    this.#hash.update(bytes);
    this.#position += bytes.length;
    this.#entries = this.#reader.read(bytes);
    this.#next = 0;
    // Intake saw to it: a file where it is otherwise is another one.
    if (!this.#reader.isOrdered) throw damaged();
    return true;
  }

  take(): Int32Array {
    return this.#row;
  }

  check(): void {
    if (!this.#hash.digest().equals(this.digest)) throw damaged();
  }

  close(): Promise<void> {
    return this.body.close();
  }
}

async function checkLength(body: OpenBody, length: number): Promise<void> {
  if (body.length === length) return;
  await body.close();
  throw damaged();
}

export const damaged = (): StorageError => new StorageError('body_damaged', 'a stored body is not what its row says');
