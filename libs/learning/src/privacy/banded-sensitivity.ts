import { LearningError } from '../errors.js';
import type { LaneReleases } from './lane-sensitivity.js';

/**
 * L2 sensitivity of C·x over the norm of C's columns, for contributions of norm 1, to a device that gives an update in
 * every release of its lane: its columns do not overlap, so it is the square root of the releases of the fullest lane.
 *
 * @throws LearningError `bad_strategy`
 */
export function bandedSensitivity({ steps, separation }: Pick<LaneReleases, 'steps' | 'separation'>): number {
  if (!Number.isSafeInteger(separation) || separation < 1) {
    throw new LearningError('bad_strategy', `no releases in ${separation} lanes`);
  }
  const counts = new Map<number, number>();
  for (const step of steps) counts.set(step % separation, 1 + (counts.get(step % separation) ?? 0));
  return Math.sqrt(Math.max(0, ...counts.values()));
}

/** Of noise of which every step is released. */
export const wholeBandedSensitivity = (length: number, separation: number): number =>
  Math.sqrt(Math.ceil(length / separation));
