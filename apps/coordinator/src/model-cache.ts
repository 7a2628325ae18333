import { readFile } from 'node:fs/promises';

/** Models of all devices' rounds: what is asked for by everybody at once is read once. */
const MOST_BYTES = 2 ** 26;

interface Entry {
  readonly size: number;
  readonly bytes: Promise<Buffer>;
}

/**
 * The models that were asked for last, in memory: a round's devices download one model, all at about the same time. The
 * same bytes go to each of them, so a device that reads slowly keeps none of its own.
 */
export class ModelCache {
  /** by path, the one asked for longest ago first */
  readonly #entries = new Map<string, Entry>();
  #size = 0;

  /** @param mostBytes  of all together; a larger file is none of ours */
  constructor(private readonly mostBytes: number = MOST_BYTES) {}

  /** @param size  of the file, which never changes @returns undefined where it is too large to be kept */
  get(path: string, size: number): Promise<Buffer> | undefined {
    if (size > this.mostBytes) return undefined;
    const entry = this.#entries.get(path) ?? this.#read(path, size);
    // Last again.
    this.#entries.delete(path);
    this.#entries.set(path, entry);
    return entry.bytes;
  }

  #read(path: string, size: number): Entry {
    for (const [oldest, entry] of this.#entries) {
      if (this.#size + size <= this.mostBytes) break;
      this.#drop(oldest, entry);
    }
    const entry = { size, bytes: readFile(path) };
    this.#size += size;
    entry.bytes.catch(() => this.#drop(path, entry));
    return entry;
  }

  #drop(path: string, entry: Entry): void {
    if (this.#entries.get(path) !== entry) return;
    this.#entries.delete(path);
    this.#size -= entry.size;
  }
}
