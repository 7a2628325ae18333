/** Coordinates that are named; of all others nothing is said. */
export interface Entries {
  readonly indices: Uint32Array;
  /** as many */
  readonly values: Int32Array;
}

/** u32 index, i16 value, little-endian. */
export const ENTRY_BYTES = 6;

export function encodeEntries({ indices, values }: Entries): Uint8Array {
  const bytes = new Uint8Array(ENTRY_BYTES * indices.length);
  const view = new DataView(bytes.buffer);
  indices.forEach((index, i) => {
    view.setUint32(ENTRY_BYTES * i, index, true);
    view.setInt16(ENTRY_BYTES * i + 4, values[i]!, true);
  });
  return bytes;
}

/** Reads entries while their bytes come, cut anywhere, and sees whether their indices ascend below d. */
export class EntryReader {
  #last = -1;
  #rest = new Uint8Array(0);
  #isOrdered = true;

  /** @param dimension  d */
  constructor(private readonly dimension: number) {}

  /** No index came twice, or after a larger one, or was d or more. */
  get isOrdered(): boolean {
    return this.#isOrdered;
  }

  /** @returns the entries that are whole by now and were not returned before; whatever their order */
  read(chunk: Uint8Array): Entries {
    const bytes = this.#rest.length === 0 ? chunk : joined(this.#rest, chunk);
    const count = Math.floor(bytes.length / ENTRY_BYTES);
    this.#rest = bytes.slice(ENTRY_BYTES * count);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const entries = { indices: new Uint32Array(count), values: new Int32Array(count) };
    for (let i = 0; i < count; i++) {
      const index = view.getUint32(ENTRY_BYTES * i, true);
      if (index <= this.#last || index >= this.dimension) this.#isOrdered = false;
      this.#last = index;
      entries.indices[i] = index;
      entries.values[i] = view.getInt16(ENTRY_BYTES * i + 4, true);
    }
    return entries;
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(a.length + b.length);
  bytes.set(a);
  bytes.set(b, a.length);
  return bytes;
}
