import { setTimeout as sleep } from 'node:timers/promises';

import { z } from 'zod';

import { Supervisor } from '#process';

import { jsonOrNothing } from '../json-or-nothing.js';
import type { Lifetime } from '../lifetime.js';
import type { DemoOptions, Plan } from './settings.js';

/** How long the demo's end waits for it: rounds take longer on a machine that has two cores for itself. */
const PATIENCE_MS = 5000;

const Told = z.object({ type: z.literal('baseline'), accuracy: z.number() });

/** The same training on all examples in one place, for comparison: while the rounds run, with what they leave of the processors. */
export class Baseline {
  #tell: (accuracy: number | null) => void = () => undefined;
  readonly #told = new Promise<number | null>((resolve) => (this.#tell = resolve));

  private constructor(private readonly signal: AbortSignal) {}

  /** What goes wrong with it is no fault of the demo's. */
  static start(
    lifetime: Lifetime,
    { model, seed, devices }: DemoOptions,
    { rounds, target, directory }: Pick<Plan, 'rounds' | 'target'> & { readonly directory: string },
  ): Baseline {
    const baseline = new Baseline(lifetime.signal);
    const giveUp = (): void => baseline.#tell(null);
    const supervisor = new Supervisor({ onLine: (_, line) => baseline.#hear(line), onCrash: giveUp });
    lifetime.atEnd(() => supervisor.stopAll());
    const config = { model, seed, rounds, devices, cohort: target, cacheDirectory: `${directory}/cache` };
    const module = new URL('../../../fleet/src/baseline.js', import.meta.url);
    supervisor
      .start({ name: 'baseline', module, env: { STARLING_BASELINE: JSON.stringify(config) }, readyTimeoutMs: 60_000 })
      .catch(giveUp);
    return baseline;
  }

  /** @returns null where it is not ready in a few seconds */
  accuracy(): Promise<number | null> {
    const late = sleep(PATIENCE_MS, null, { signal: this.signal, ref: false });
    return Promise.race([this.#told, late]);
  }

  #hear(line: string): void {
    const told = Told.safeParse(jsonOrNothing(line)).data;
    // Else words of a process that is about to end: its end is told.
    if (told !== undefined) this.#tell(told.accuracy);
  }
}
