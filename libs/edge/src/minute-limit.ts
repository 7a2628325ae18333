import { createHmac, randomBytes } from 'node:crypto';

import { ProtocolError } from '#protocol';

const WINDOW_MS = 60_000;

/**
 * How often something may happen in a minute, in all and for one name (a code, an address). Counted in this process's
 * memory only, under a keyed hash whose key is forgotten with the counts at the end of the minute.
 */
export class MinuteLimit {
  #counts = new Map<string, number>();
  #key = randomBytes(32);
  #total = 0;
  #endsAt = 0;

  constructor(
    private readonly limits: { readonly total: number; readonly each: number },
    private readonly now: () => number,
  ) {}

  /** @throws ProtocolError `rate_limited` with the time until the minute is over, once one of the limits is reached */
  check(name: string): void {
    this.#turn();
    const { total, each } = this.limits;
    if (this.#total < total && (this.#counts.get(this.#hash(name)) ?? 0) < each) return;
    throw new ProtocolError('rate_limited', 'This was tried too often. Come back later.', this.#endsAt - this.now());
  }

  /** It happened. */
  count(name: string): void {
    this.#turn();
    const key = this.#hash(name);
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    this.#total += 1;
  }

  #turn(): void {
    const now = this.now();
    if (now < this.#endsAt) return;
    [this.#counts, this.#key, this.#total, this.#endsAt] = [new Map(), randomBytes(32), 0, now + WINDOW_MS];
  }

  #hash(name: string): string {
    return createHmac('sha256', this.#key).update(name).digest('base64');
  }
}
