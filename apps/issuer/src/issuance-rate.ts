import { ProtocolError, SLOTS_PER_REQUEST } from '#protocol';

/** How long a use case's own limit is believed before it is looked up again, ms. */
const LOOK_UP_MS = 10_000;

export interface IssuanceRatePorts {
  /** tokens a second of all use cases together */
  readonly total: number;
  /** tokens a second of one use case; null where it has no limit of its own */
  readonly limitOf: (useCase: string) => Promise<number | null>;
  /** ms */
  readonly now: () => number;
}

interface UseCaseBucket {
  readonly bucket: TokenBucket | undefined;
  readonly lookUpAt: number;
}

/**
 * How many tokens this process evaluates a second, in all and for one use case: a use case that asks
 * for more than its share is told to come back before it costs anything. Several issuers allow as many
 * times as much.
 */
export class IssuanceRate {
  readonly #total: TokenBucket;
  readonly #useCases = new Map<string, UseCaseBucket>();

  constructor(private readonly ports: IssuanceRatePorts) {
    this.#total = new TokenBucket(ports.total, ports.now());
  }

  /** @throws ProtocolError `rate_limited` with the time until so many tokens can be had; then nothing was taken */
  async take(useCase: string, count: number): Promise<void> {
    const own = await this.#bucketOf(useCase);
    const now = this.ports.now();
    const wait = Math.max(own?.waitFor(count, now) ?? 0, this.#total.waitFor(count, now));
    if (wait > 0) {
      throw new ProtocolError('rate_limited', 'More tokens are asked for than are given out at a time.', wait);
    }
    own?.take(count);
    this.#total.take(count);
  }

  async #bucketOf(useCase: string): Promise<TokenBucket | undefined> {
    const now = this.ports.now();
    const known = this.#useCases.get(useCase);
    if (known !== undefined && now < known.lookUpAt) return known.bucket;
    const limit = await this.ports.limitOf(useCase);
    const bucket =
      limit === null ? undefined : known?.bucket?.rate === limit ? known.bucket : new TokenBucket(limit, now);
    this.#useCases.set(useCase, { bucket, lookUpAt: now + LOOK_UP_MS });
    return bucket;
  }
}

/** Fills at a steady rate up to a second's worth, or the largest request if that is more. */
class TokenBucket {
  readonly #size: number;
  #level: number;

  constructor(
    readonly rate: number,
    private filledAt: number,
  ) {
    this.#size = Math.max(rate, SLOTS_PER_REQUEST);
    this.#level = this.#size;
  }

  /** ms until `count` can be taken; 0: now */
  waitFor(count: number, now: number): number {
    // A clock that was set back fills nothing.
    const passed = Math.max(0, now - this.filledAt);
    this.#level = Math.min(this.#size, this.#level + (passed * this.rate) / 1000);
    this.filledAt = now;
    return count <= this.#level ? 0 : Math.ceil(((count - this.#level) * 1000) / this.rate);
  }

  take(count: number): void {
    this.#level -= count;
  }
}
