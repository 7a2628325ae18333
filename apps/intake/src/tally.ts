import { ProtocolError } from '#protocol';
import type { Submissions } from '#storage/intake';

/**
 * Counts for people: submitted, and refused by code, a round. Kept in memory and added to the
 * database now and then; a crash may lose the last half second of them, never an update.
 */
export class Tally {
  #counts = new Map<string, { roundId: string; event: string; n: number }>();

  constructor(private readonly submissions: Submissions) {}

  add(roundId: string, event: string): void {
    const key = `${roundId} ${event}`;
    const count = this.#counts.get(key);
    if (count === undefined) this.#counts.set(key, { roundId, event, n: 1 });
    else count.n++;
  }

  /** Runs a step of a round and counts its refusal, if it is refused. */
  async counting<T>(roundId: string, step: () => Promise<T>): Promise<T> {
    try {
      return await step();
    } catch (error) {
      if (error instanceof ProtocolError) this.add(roundId, error.code);
      throw error;
    }
  }

  async flush(): Promise<void> {
    if (this.#counts.size === 0) return;
    const counts = this.#counts;
    this.#counts = new Map();
    try {
      await this.submissions.addTally([...counts.values()]);
    } catch {
      for (const { roundId, event, n } of counts.values()) for (let i = 0; i < n; i++) this.add(roundId, event);
    }
  }
}
