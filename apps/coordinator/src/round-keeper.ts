import { createHash } from 'node:crypto';

import { encodeInfo, encodeRoundRecord } from '#protocol';
import type { OpeningRound, RoundSchedule } from '#storage/rounds';

import type { UseCaseRegister } from './use-case-register.js';

/**
 * Moves use cases and rounds on as soon as the database says they can: drafts go live, rounds take
 * their slot, rounds open. Every step is a guarded statement, so several coordinators may all try.
 */
export class RoundKeeper {
  #running: Promise<void> | undefined;
  #again = false;

  constructor(
    private readonly schedule: RoundSchedule,
    private readonly register: UseCaseRegister,
  ) {}

  /** Runs once more after the run under way, if there is one: news that come meanwhile are not lost. */
  async run(): Promise<void> {
    this.#again = true;
    this.#running ??= this.#loop().finally(() => (this.#running = undefined));
    await this.#running;
  }

  async #loop(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      await this.register.goLive();
      await this.schedule.seal();
      for (const round of await this.schedule.opening()) await this.#open(round);
    }
  }

  async #open(round: OpeningRound): Promise<void> {
    if (!round.fits) return this.schedule.unseal(round.id);
    const { useCase, suite, epoch, slot } = round;
    const record = encodeRoundRecord({
      ...round,
      info: encodeInfo({ useCase, suite, epoch, slot }),
      roundId: Buffer.from(round.id.replaceAll('-', ''), 'hex'),
    });
    await this.schedule.open(round, record, createHash('sha256').update(record).digest());
  }
}
