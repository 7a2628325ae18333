import { ProtocolError } from '#protocol';

const WINDOW_MS = 60_000;

/**
 * How often a device may ask: an honest one asks a few times an epoch. Counted in this process's memory,
 * a minute at a time, so that it forgets by itself; several issuers allow as many times as much.
 */
export class RequestRate {
  #counts = new Map<string, number>();
  #endsAt = 0;

  /** @param limit  requests of one device in a minute */
  constructor(
    private readonly limit: number,
    private readonly now: () => number,
  ) {}

  /** @throws ProtocolError `rate_limited` with the time until the minute is over */
  count(deviceId: string): void {
    const now = this.now();
    if (now >= this.#endsAt) {
      this.#counts = new Map();
      this.#endsAt = now + WINDOW_MS;
    }
    const asked = (this.#counts.get(deviceId) ?? 0) + 1;
    this.#counts.set(deviceId, asked);
    if (asked <= this.limit) return;
    throw new ProtocolError('rate_limited', `A device may ask ${this.limit} times a minute.`, this.#endsAt - now);
  }
}
