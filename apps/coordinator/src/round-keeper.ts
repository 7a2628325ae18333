import { createHash } from 'node:crypto';

import { crashPoint } from '#crash-point';
import { encodeInfo, encodeRoundRecord } from '#protocol';
import type { UnloggedFacts } from '#storage/log';
import type { DueRound, RoundDeadlines, RoundPlans, RoundSchedule } from '#storage/rounds';
import type { RoundTraces } from '#tracing';

import type { UseCaseRegister } from './use-case-register.js';

export interface KeeperPorts {
  readonly schedule: RoundSchedule;
  readonly plans: RoundPlans;
  readonly register: UseCaseRegister;
  readonly facts: UnloggedFacts;
  readonly deadlines: RoundDeadlines;
  readonly traces: RoundTraces;
}

/**
 * Moves use cases and rounds on as soon as the database says they can: drafts go live, what is true gets
 * into the log, plans end, rounds take their slot, rounds open. Every step is a guarded statement, so several coordinators may all try.
 */
export class RoundKeeper {
  #running: Promise<void> | undefined;
  #again = false;
  readonly #since = performance.now();

  /** @param patienceMs  how long after its start it abandons no round: while nothing ran, nothing could move either */
  constructor(
    private readonly ports: KeeperPorts,
    private readonly patienceMs: number,
  ) {}

  /** Runs once more after the run under way, if there is one: news that come meanwhile are not lost. */
  async run(): Promise<void> {
    this.#again = true;
    this.#running ??= this.#loop().finally(() => (this.#running = undefined));
    await this.#running;
  }

  async #loop(): Promise<void> {
    const { schedule, plans, register, facts, deadlines, traces } = this.ports;
    while (this.#again) {
      this.#again = false;
      await register.goLive();
      await facts.log();
      await plans.end();
      await traces.during(
        { name: 'round seal' },
        () => schedule.seal(),
        (sealed) => sealed,
      );
      for (const round of await schedule.due()) await this.#moveOn(round);
      await deadlines.begin();
      if (performance.now() - this.#since >= this.patienceMs) await deadlines.expire();
    }
  }

  /** Into the log first, and only then open: a device believes no round that the log does not have. */
  async #moveOn(round: DueRound): Promise<void> {
    const { schedule, traces } = this.ports;
    if (!round.fits) return schedule.unseal(round.id);
    if (round.isLogged) {
      const ifOpen = (isOpen: boolean): DueRound[] => (isOpen ? [round] : []);
      if (await traces.during({ name: 'round open' }, () => schedule.open(round), ifOpen))
        crashPoint('coordinator-opened');
    } else if (!round.isAnnounced) {
      await traces.during(
        { name: 'round announce' },
        () => this.#announce(round),
        () => [round],
      );
      crashPoint('coordinator-announced');
    }
  }

  async #announce(round: DueRound): Promise<void> {
    const { useCase, suite, epoch, slot } = round;
    const record = encodeRoundRecord({
      ...round,
      ...(round.lossBound === null ? {} : { evaluation: { lossBound: round.lossBound } }),
      clipMicros: round.clipMicros ?? undefined,
      info: encodeInfo({ useCase, suite, epoch, slot }),
      roundId: Buffer.from(round.id.replaceAll('-', ''), 'hex'),
    });
    await this.ports.schedule.announce(round, record, createHash('sha256').update(record).digest());
  }
}
