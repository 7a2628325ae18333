import type { RoundPlan, RoundRetries, RoundSchedule } from '#storage/rounds';
import type { RoundTraces } from '#tracing';

/** Starts rounds, which is where their traces begin. */
export class RoundStarter {
  constructor(
    private readonly schedule: RoundSchedule,
    private readonly retries: RoundRetries,
    private readonly traces: RoundTraces,
  ) {}

  /** @returns ids in order */
  start(plan: RoundPlan): Promise<string[]> {
    return this.#traced(plan.useCase, () => this.schedule.add(plan));
  }

  /** @returns the new round's id; undefined where there can be none in this one's place */
  async retry(round: { readonly id: string; readonly useCase: string }, jitterMs: number): Promise<string | undefined> {
    const [started] = await this.#traced(round.useCase, async () => {
      const again = await this.retries.retry(round, jitterMs);
      return again === undefined ? [] : [again];
    });
    return started;
  }

  #traced(useCase: string, start: () => Promise<string[]>): Promise<string[]> {
    const named = (ids: string[]) => ids.map((id) => ({ id, useCase }));
    return this.traces.during({ name: 'round start', isRoot: true }, start, named);
  }
}
