import type { RoundView } from '#protocol';

import type { Examined } from '../examiner.js';
import { total, type RoundMetrics } from '../metrics.js';
import type { RunSettings } from '../run-settings.js';
import type { RoundOfDevices } from './players.js';
import { isBuffered } from './use-case.js';

export interface RoundFacts {
  /** as the coordinator tells it */
  readonly round: RoundView;
  /** the first of the run */
  readonly first: RoundView;
  readonly devices: RoundOfDevices;
  /** of the model after it */
  readonly figures: Examined;
}

/** What a round of real servers came to, in the words of a simulated one. */
export function metricsOf(settings: RunSettings, { round, first, devices, figures }: RoundFacts): RoundMetrics {
  const { round_closed: closed = 0, ...refused } = round.refusals;
  const { asked, present, norms } = devices;
  const clip = round.clip ?? settings.clip;
  const sorted = norms.toSorted((a, b) => a - b);
  const missing = present.size - round.accepted - total(refused);
  return {
    ...figures,
    ...{ round: round.sequence, epsilon: round.epsilon, asked: asked.size, accepted: round.accepted, refused },
    vanished: asked.size - present.size,
    // Who trains on brings his update into a later buffer.
    late: isBuffered(settings) ? closed : Math.max(0, missing),
    clipped: sorted.filter((norm) => norm > clip).length,
    ...{ clip, unclipped: round.unclipped },
    norm: sorted[Math.floor(sorted.length / 2)] ?? null,
    duration: null,
    seconds: secondsBetween(round.openedAt, round.publishedAt),
    elapsed: secondsBetween(first.openedAt, round.publishedAt),
    abandoned: round.state === 'abandoned' ? (round.detail ?? round.reason) : null,
  };
}

/** By the database's clock, as all times of rounds are. */
const secondsBetween = (from: string | null, to: string | null): number | null =>
  from === null || to === null ? null : (Date.parse(to) - Date.parse(from)) / 1000;
