import { FED_BUFF } from '#learning';
import { equalBytes, strategyName, type Manifest } from '#protocol';

import type { UseCaseHistory } from './log/index.js';
import type { OpenRound } from './open-round.js';

/** Whether devices train at their own pace: an update may then be for a later round than the one it was begun in. */
export const isAsynchronous = ({ strategy }: Pick<Manifest, 'strategy'>): boolean =>
  strategyName(strategy) === FED_BUFF;

type Recorded = Pick<OpenRound, 'recordDigest'>;

/**
 * τ: how many versions the model has moved on from what one round begins with to what a later one does. By the log,
 * which says the same to everybody; an abandoned round moved nothing.
 *
 * @returns undefined where the log as it is kept has the earlier one no more: it was epochs ago
 */
export function stalenessOf({ rounds }: UseCaseHistory, begun: Recorded, open: Recorded): number | undefined {
  const [from, to] = [begun, open].map(({ recordDigest }) =>
    rounds.findIndex((round) => equalBytes(round.recordDigest, recordDigest)),
  ) as [number, number];
  if (from < 0 || to < from) return undefined;
  return rounds.slice(from, to).filter(({ end }) => end === 'published').length;
}
