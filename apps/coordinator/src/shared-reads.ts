interface Shared<T> {
  readonly running: Promise<T>;
  next?: Promise<T>;
}

/**
 * Reads of what a crowd asks for at once. Who asks while a read is under way waits for the next one, which all of them
 * share: two reads at a time answer however many ask, and no answer is older than its question.
 */
export class SharedReads<T> {
  readonly #shared = new Map<string, Shared<T>>();

  constructor(private readonly read: (key: string) => Promise<T>) {}

  get(key: string): Promise<T> {
    const shared = this.#shared.get(key);
    if (shared === undefined) return this.#begin(key);
    shared.next ??= shared.running.then(
      () => this.#begin(key),
      () => this.#begin(key),
    );
    return shared.next;
  }

  #begin(key: string): Promise<T> {
    const shared: Shared<T> = { running: this.read(key) };
    this.#shared.set(key, shared);
    const forget = (): void => {
      if (shared.next === undefined) this.#shared.delete(key);
    };
    shared.running.then(forget, forget);
    return shared.running;
  }
}
