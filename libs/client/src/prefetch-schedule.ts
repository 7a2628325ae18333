import type { RandomBytes } from '#credential';
import type { Manifest } from '#protocol';

import { uniform } from './backoff.js';

/** When a device fetches the tokens of an epoch: drawn once, kept in its wallet. */
export interface Appointment {
  readonly epoch: number;
  /** unix ms by the device's clock */
  readonly at: number;
  readonly done: boolean;
}

export type EpochSchedule = Pick<Manifest, 'epochOrigin' | 'epochSeconds'>;

/** Share of an epoch before its end in which nothing is fetched: a device that fails has time for another draw. */
const MARGIN = 0.1;
/** Share of an epoch after which a moment was missed: the device was off, or asleep. Less than that is not worth a draw. */
const MISSED = 0.01;

/** The epoch at `now` by the device's clock; servers go by the database's. */
export const epochAt = (schedule: EpochSchedule, now: number): number =>
  Math.floor((now - schedule.epochOrigin) / lengthOf(schedule));

/** unix ms at which an epoch begins */
export const startOf = (schedule: EpochSchedule, epoch: number): number =>
  schedule.epochOrigin + epoch * lengthOf(schedule);

/**
 * When to fetch for the current epoch and the next. A device that is on when an epoch begins draws its
 * moment for the next one uniformly from all of it but a margin. One that comes late, because it has just
 * enrolled, was off or failed, draws from what is left: it never makes up for a moment at once, since
 * what brought it back may have been a round. In the margin itself nothing is drawn.
 *
 * @param known  what was drawn before; a moment that is still to come stays as it is
 * @returns at most one appointment for each of the two epochs
 */
export function planFetches(
  schedule: EpochSchedule,
  known: readonly Appointment[],
  now: number,
  random: RandomBytes,
): Appointment[] {
  const current = epochAt(schedule, now);
  const length = lengthOf(schedule);
  const left = startOf(schedule, current + 1) - MARGIN * length - now;
  return [current, current + 1].flatMap((epoch) => {
    const before = known.find((appointment) => appointment.epoch === epoch);
    if (before !== undefined && (before.done || now <= before.at + MISSED * length)) return [before];
    return left > MISSED * length ? [{ epoch, at: Math.floor(now + uniform(random) * left), done: false }] : [];
  });
}

/** unix ms at which something is due, or the next epoch begins and there is something to draw */
export function nextMoment(schedule: EpochSchedule, plan: readonly Appointment[], now: number): number {
  const due = plan.filter(({ done }) => !done).map(({ at }) => at);
  return Math.min(startOf(schedule, epochAt(schedule, now) + 1), ...due);
}

const lengthOf = ({ epochSeconds }: EpochSchedule): number => 1000 * epochSeconds;
