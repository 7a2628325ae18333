import { EVERY_SLOT, isInLane, SLOTS_PER_REQUEST, type Lane, type Manifest, type SlotsReply } from '#protocol';

import type { Position } from './wallet.js';

export interface PlannedBatch {
  readonly epoch: number;
  /** strictly increasing */
  readonly slots: readonly number[];
}

/** What to fetch next, given the issuer's current epoch and its first slot that no round has taken. */
export type BatchPlanner = (window: SlotsReply, covered: readonly Position[]) => PlannedBatch | undefined;

type Rules = Pick<Manifest, 'slots' | 'batch' | 'quota'> & {
  /** the slots that are this device's; all when left out */
  readonly lane?: Lane;
};

/** For the coming `wanted` slots, in this epoch and the next. */
export const comingSlots =
  (rules: Rules, wanted: number): BatchPlanner =>
  (window, covered) =>
    planBatch(rules, window, wanted, covered);

/** For all slots of one epoch that may still be issued, within the quota: the same on every device. */
export const wholeEpoch =
  (rules: Rules, epoch: number): BatchPlanner =>
  (window, covered) => {
    const coming = positions(rules, window).filter((position) => position.epoch === epoch);
    return batchOf(rules, coming, covered);
  };

/**
 * The next batch to fetch so that the coming `wanted` slots of its own are covered: `manifest.batch` consecutive
 * ones from the first that is not covered, fewer only where the epoch or its quota ends. The size does
 * not depend on how many slots are missing: a batch made to measure would tell devices apart.
 *
 * @param window  the current epoch, and its first slot that no round has taken
 * @param covered  slots that have a token, or can never get one
 * @returns undefined when nothing is missing in this epoch and the next; later ones are not issued
 */
export function planBatch(
  rules: Rules,
  window: SlotsReply,
  wanted: number,
  covered: readonly Position[],
): PlannedBatch | undefined {
  return batchOf(rules, positions(rules, window).slice(0, wanted), covered);
}

function batchOf(
  { slots, batch, quota, lane = EVERY_SLOT }: Rules,
  coming: readonly Position[],
  covered: readonly Position[],
): PlannedBatch | undefined {
  const taken = new Set(covered.map(nameOf));
  const left = (at: number): number => quota - covered.filter((position) => position.epoch === at).length;
  const first = coming.find((position) => !taken.has(nameOf(position)) && left(position.epoch) > 0);
  if (first === undefined) return undefined;
  const length = Math.min(batch, SLOTS_PER_REQUEST, Math.ceil((slots - first.slot) / lane.separation));
  const range = Array.from({ length }, (_, i) => ({ epoch: first.epoch, slot: first.slot + lane.separation * i }));
  const free = range.filter((position) => !taken.has(nameOf(position)));
  return { epoch: first.epoch, slots: free.slice(0, left(first.epoch)).map(({ slot }) => slot) };
}

/** Slots of this epoch and the next that may be issued to this device, in their order. */
function positions({ slots, lane = EVERY_SLOT }: Rules, { epoch, nextSlot }: SlotsReply): Position[] {
  const rest = Array.from({ length: Math.max(0, slots - nextSlot) }, (_, i) => ({ epoch, slot: nextSlot + i }));
  const next = Array.from({ length: slots }, (_, slot) => ({ epoch: epoch + 1, slot }));
  return [...rest, ...next].filter(({ slot }) => isInLane(lane, slot));
}

const nameOf = ({ epoch, slot }: Position): string => `${epoch}/${slot}`;
