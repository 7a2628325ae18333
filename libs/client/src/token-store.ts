/**
 * Where a device keeps its key, its tokens and what it used them for: secrets, by name. One store
 * belongs to one device and one use case.
 */
export interface TokenStore {
  read(name: string): Promise<Uint8Array | undefined>;
  /** Replaces the whole value at once, and resolves when it would survive a crash. The store may keep the very bytes. */
  write(name: string, bytes: Uint8Array): Promise<void>;
  /** No error where there is nothing. */
  remove(name: string): Promise<void>;
  /** Gives back what it holds, so that another process may use it; safe to repeat. Nothing is read or written afterwards. */
  close?(): void;
}

/** Forgets with the process: for simulations and tests, and where a device may lose its tokens. */
export class MemoryTokenStore implements TokenStore {
  readonly #values: Map<string, Uint8Array>;

  /** @param entries  what another store held, to go on from there */
  constructor(entries: Iterable<readonly [string, Uint8Array]> = []) {
    this.#values = new Map([...entries].map(([name, bytes]) => [name, Uint8Array.from(bytes)]));
  }

  async read(name: string): Promise<Uint8Array | undefined> {
    const bytes = this.#values.get(name);
    return bytes && Uint8Array.from(bytes);
  }

  async write(name: string, bytes: Uint8Array): Promise<void> {
    this.#values.set(name, bytes);
  }

  async remove(name: string): Promise<void> {
    this.#values.delete(name);
  }

  entries(): [string, Uint8Array][] {
    return [...this.#values];
  }
}
