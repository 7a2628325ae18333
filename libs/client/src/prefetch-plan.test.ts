import { describe, expect, it } from '@jest/globals';

import { planBatch, wholeEpoch } from './prefetch-plan.js';

const manifest = { slots: 8, batch: 3, quota: 8 };
const at = (epoch: number, ...slots: number[]) => slots.map((slot) => ({ epoch, slot }));

describe('planBatch', () => {
  // Kills: a batch as large as what is missing; starting at slot 0; going on after the next epoch.
  it.each([
    { name: 'a whole batch from the first open slot', covered: [], wanted: 1, plan: { epoch: 5, slots: [2, 3, 4] } },
    {
      name: 'the next one after what is there',
      covered: at(5, 2, 3, 4),
      wanted: 4,
      plan: { epoch: 5, slots: [5, 6, 7] },
    },
    { name: 'nothing where nothing is missing', covered: at(5, 2, 3, 4), wanted: 3, plan: undefined },
    { name: 'not what is there already', covered: at(5, 3), wanted: 3, plan: { epoch: 5, slots: [2, 4] } },
    { name: 'the rest of the epoch', covered: at(5, 2, 3, 4, 5, 6), wanted: 6, plan: { epoch: 5, slots: [7] } },
    { name: 'the next epoch', covered: at(5, 2, 3, 4, 5, 6, 7), wanted: 9, plan: { epoch: 6, slots: [0, 1, 2] } },
    {
      name: 'nothing of the epoch after the next',
      covered: [...at(5, 2, 3, 4, 5, 6, 7), ...at(6, 0, 1, 2, 3, 4, 5, 6, 7)],
      wanted: 99,
      plan: undefined,
    },
  ])('[DEV4] $name', ({ covered, wanted, plan }) => {
    expect(planBatch(manifest, { epoch: 5, nextSlot: 2 }, wanted, covered)).toEqual(plan);
  });

  // Kills: asking for more than the quota, which the issuer refuses as a whole.
  it.each([
    { name: 'a smaller batch at its end', covered: at(5, 0, 1, 2), wanted: 4, plan: { epoch: 5, slots: [3] } },
    { name: 'then the next epoch', covered: at(5, 0, 1, 2, 3), wanted: 9, plan: { epoch: 6, slots: [0, 1, 2] } },
    { name: 'not the next epoch before it is wanted', covered: at(5, 0, 1, 2, 3), wanted: 8, plan: undefined },
  ])('[DEV4] keeps to the quota of an epoch: $name', ({ covered, wanted, plan }) => {
    expect(planBatch({ ...manifest, quota: 4 }, { epoch: 5, nextSlot: 0 }, wanted, covered)).toEqual(plan);
  });
});

describe('a device with a lane', () => {
  const rules = { slots: 8, batch: 3, quota: 2, lane: { separation: 4, first: 1 } };

  // Kills: batches across lanes, which the issuer refuses; slots of others counted among the coming ones.
  it.each([
    { name: 'its coming slots', covered: [], wanted: 2, plan: { epoch: 5, slots: [5] } },
    { name: 'the next epoch', covered: at(5, 5), wanted: 2, plan: { epoch: 6, slots: [1, 5] } },
    { name: 'nothing where nothing is missing', covered: at(5, 5), wanted: 1, plan: undefined },
    { name: 'nothing after the next epoch', covered: [...at(5, 5), ...at(6, 1, 5)], wanted: 9, plan: undefined },
  ])('[DPR59] fetches $name', ({ covered, wanted, plan }) => {
    expect(planBatch(rules, { epoch: 5, nextSlot: 2 }, wanted, covered)).toEqual(plan);
    expect(wholeEpoch(rules, 6)({ epoch: 5, nextSlot: 2 }, covered)?.epoch ?? 6).toBe(6);
  });

  it('[DPR59] fetches an epoch whole, in batches of slots of its own', () => {
    const wide = { slots: 16, batch: 3, quota: 4, lane: { separation: 4, first: 3 } };
    const first = wholeEpoch(wide, 6)({ epoch: 5, nextSlot: 0 }, []);
    expect(first).toEqual({ epoch: 6, slots: [3, 7, 11] });
    expect(wholeEpoch(wide, 6)({ epoch: 5, nextSlot: 0 }, at(6, 3, 7, 11))).toEqual({ epoch: 6, slots: [15] });
  });
});

describe('wholeEpoch', () => {
  // Kills: fetching only what a device is short of, which tells it apart; another epoch's slots.
  it.each([
    {
      name: 'all slots of the next epoch',
      epoch: 6,
      covered: [],
      plans: [
        [0, 1, 2],
        [3, 4, 5],
        [6, 7],
      ],
    },
    {
      name: 'what may still be issued of this one',
      epoch: 5,
      covered: [],
      plans: [
        [2, 3, 4],
        [5, 6, 7],
      ],
    },
    { name: 'not what is there already', epoch: 5, covered: at(5, 2, 3, 4), plans: [[5, 6, 7]] },
    { name: 'nothing of a later one', epoch: 7, covered: [], plans: [] },
  ])('[DEV4] plans batch after batch: $name', ({ epoch, covered, plans }) => {
    const planner = wholeEpoch(manifest, epoch);
    const planned: number[][] = [];
    for (;;) {
      const sofar = [...covered, ...planned.flatMap((slots) => at(epoch, ...slots))];
      const batch = planner({ epoch: 5, nextSlot: 2 }, sofar);
      if (batch === undefined) break;
      expect(batch.epoch).toBe(epoch);
      planned.push([...batch.slots]);
    }
    expect(planned).toEqual(plans);
  });
});
