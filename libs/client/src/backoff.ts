import type { RandomBytes } from '#credential';

export interface RetryPolicy {
  /** tries in all */
  readonly attempts: number;
  /** shortest and longest wait between two tries, ms */
  readonly baseMs: number;
  readonly capMs: number;
}

export const DEFAULT_RETRIES: RetryPolicy = { attempts: 8, baseMs: 250, capMs: 10_000 };

/**
 * How long to wait before the next try: decorrelated jitter, min(cap, U(base, 3 · last wait)), so that
 * devices that failed together do not come back together.
 *
 * What a server asks for (`retryAfterMs`) is a floor, rounded up to whole seconds, since a time chosen for one
 * device would recognise it when it returns. The jitter on top is then at least as wide as that: a server that
 * sends all away for a second is not found by all of them at the end of it.
 */
export class Backoff {
  #left: number;
  #last: number;

  constructor(
    private readonly policy: RetryPolicy,
    private readonly random: RandomBytes,
  ) {
    this.#left = policy.attempts - 1;
    this.#last = policy.baseMs;
  }

  /** ms to wait, or undefined when there is no try left. */
  next(retryAfterMs = 0): number | undefined {
    if (this.#left <= 0) return undefined;
    this.#left -= 1;
    const { baseMs, capMs } = this.policy;
    const floor = Math.ceil(retryAfterMs / 1000) * 1000;
    const widest = 3 * Math.max(this.#last, Math.min(floor, capMs / 3));
    this.#last = Math.min(capMs, baseMs + uniform(this.random) * (widest - baseMs));
    return floor + this.#last;
  }
}

/** Uniform in [0, 1), 48 bits. */
export function uniform(random: RandomBytes): number {
  let value = 0;
  for (const byte of random(6)) value = value * 256 + byte;
  return value / 2 ** 48;
}
