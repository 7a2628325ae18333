import type { RandomBytes } from '#credential';

import { uniform } from './backoff.js';
import { ClientError, type ClientCode } from './errors.js';
import type { Participation } from './participate.js';
import type { Clock } from './platform.js';
import { epochAt, nextMoment, planFetches, type Appointment, type EpochSchedule } from './prefetch-schedule.js';
import type { Wallet } from './wallet.js';

/** What an app may want to know of a device that runs. */
export type DeviceEvent =
  | { readonly kind: 'fetched'; readonly epoch: number; readonly tokens: number }
  | { readonly kind: 'round'; readonly participation: Participation }
  /** it goes on: tokens at another moment, the round at the next look */
  | { readonly kind: 'failed'; readonly during: 'fetching' | 'round'; readonly error: ClientError };

/** What running needs of a device. The two halves share a clock and a wallet, and nothing calls from one into the other. */
export interface RunningParts {
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly wallet: Wallet;
  /** the schedule may change with the manifest */
  readonly schedule: () => EpochSchedule;
  /** fetches all tokens of an epoch that may still be issued; how many came in */
  readonly fetch: (epoch: number) => Promise<number>;
  readonly takePart: () => Promise<Participation>;
  readonly signal: AbortSignal;
  readonly onEvent: (event: DeviceEvent) => void;
}

/** Timers are late on machines that sleep, and cannot be set for more than 24 days. */
const LONGEST_SLEEP_MS = 600_000;

/** Fetches the tokens of each epoch at its drawn moment, until the signal. */
export async function keepTokens(parts: RunningParts): Promise<void> {
  const { clock, random, wallet, schedule, signal } = parts;
  while (!signal.aborted) {
    const now = clock.now();
    const plan = planFetches(schedule(), wallet.appointments, now, random);
    await wallet.setAppointments(plan);
    const due = plan.find(({ done, at }) => !done && at <= now);
    if (due !== undefined) await keepAppointment(parts, plan, due);
    else await clock.sleep(Math.min(nextMoment(schedule(), plan, now) - now, LONGEST_SLEEP_MS), signal);
  }
}

async function keepAppointment(parts: RunningParts, plan: readonly Appointment[], due: Appointment): Promise<void> {
  const { clock, wallet, schedule, fetch, onEvent } = parts;
  const others = plan.filter((appointment) => appointment !== due);
  const current = epochAt(schedule(), clock.now());
  const tokens = await orReport(parts, 'fetching', () => fetch(due.epoch));
  // This epoch's slots may all be taken. Without tokens for the next, the issuer's clock is behind: draw again.
  const covered = due.epoch <= current || wallet.covered.some(({ epoch }) => epoch === due.epoch);
  const done = tokens !== undefined && covered;
  await wallet.setAppointments(done ? [...others, { ...due, done }] : others);
  if (tokens !== undefined) onEvent({ kind: 'fetched', epoch: due.epoch, tokens });
}

/**
 * Looks for an open round at random intervals around `pollMs`, and takes part, until the signal. The
 * intervals forget when the device began to look: a steady beat would still show when it enrolled.
 */
export async function keepTakingPart(parts: RunningParts, pollMs: number): Promise<void> {
  const { clock, random, takePart, signal, onEvent } = parts;
  while (!signal.aborted) {
    await clock.sleep((0.5 + uniform(random)) * pollMs, signal);
    const participation = await orReport(parts, 'round', takePart);
    if (participation !== undefined) onEvent({ kind: 'round', participation });
  }
}

/** After these the store is of no more use. */
const FINAL: ReadonlySet<ClientCode> = new Set(['damaged_store', 'store_in_use']);

/** A store that cannot be used, or an error that is none of ours, ends the run. */
async function orReport<T>(
  { signal, onEvent }: RunningParts,
  during: 'fetching' | 'round',
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ClientError) || FINAL.has(error.code) || signal.aborted) throw error;
    onEvent({ kind: 'failed', during, error });
    return undefined;
  }
}
