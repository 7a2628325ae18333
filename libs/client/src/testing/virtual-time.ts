import type { Clock } from '../platform.js';

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/**
 * A clock that jumps to whatever comes next once nobody has anything to do: hours in seconds, and the same
 * every time. Whoever uses it must wait for nothing else but promises: no sockets, no files.
 */
export class VirtualTime {
  /** the next one last; of two at the same time, who came first */
  readonly #sleepers: Sleeper[] = [];

  /** @param now  unix ms to begin at */
  constructor(public now: number) {}

  readonly clock: Clock = { now: () => this.now, sleep: (ms, signal) => this.#sleep(ms, signal) };

  /** Lets everybody do what is theirs to do up to `end`, unix ms. */
  async runUntil(end: number): Promise<void> {
    await idle();
    for (let next = this.#sleepers.at(-1); next !== undefined && next.at <= end; next = this.#sleepers.at(-1)) {
      this.#sleepers.pop();
      this.now = next.at;
      next.wake();
      await idle();
    }
    this.now = end;
  }

  #sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(new Error('aborted'));
      const leave = (): void => {
        const index = this.#sleepers.indexOf(sleeper);
        if (index >= 0) this.#sleepers.splice(index, 1);
        reject(new Error('aborted'));
      };
      const wake = (): void => {
        signal?.removeEventListener('abort', leave);
        resolve();
      };
      const sleeper = { at: this.now + Math.max(0, Math.ceil(ms)), wake };
      signal?.addEventListener('abort', leave);
      this.#sleepers.splice(this.#placeOf(sleeper.at), 0, sleeper);
    });
  }

  /** Before all that wake earlier or at the same time. */
  #placeOf(at: number): number {
    let [low, high] = [0, this.#sleepers.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#sleepers[middle]!.at > at) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** After all promises that wait for nothing but each other. */
const idle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
