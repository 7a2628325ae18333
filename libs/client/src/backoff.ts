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
 * What a server asks for (`retryAfterMs`) is rounded up to whole seconds and jittered on top: a time
 * chosen for one device would recognise it when it returns.
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
    this.#last = Math.min(capMs, baseMs + uniform(this.random) * (3 * this.#last - baseMs));
    return Math.ceil(retryAfterMs / 1000) * 1000 + this.#last;
  }
}

/** Uniform in [0, 1), 48 bits. */
export function uniform(random: RandomBytes): number {
  let value = 0;
  for (const byte of random(6)) value = value * 256 + byte;
  return value / 2 ** 48;
}
