import { z } from 'zod';

import { partitionByLabel } from '../dirichlet.js';
import type { Examples } from '../examples.js';
import type { Dealing } from './dealing.js';
import { dealEvenly } from './iid.js';
import { dealUnevenly } from './quantity.js';
import { dealNaturally } from './natural.js';
import { dealShards } from './shards.js';

/** How a data set is dealt out to devices. */
export const PartitionPlan = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('iid') }),
  /** labels skewed: 0.1 leaves a device one or two, 100 is nearly even */
  z.strictObject({ kind: z.literal('dirichlet'), alpha: z.number().min(0.001).max(10_000) }),
  z.strictObject({ kind: z.literal('shards'), perDevice: z.int().min(1).max(1000) }),
  /** sizes skewed: 0.1 gives few devices nearly everything */
  z.strictObject({ kind: z.literal('quantity'), alpha: z.number().min(0.001).max(10_000) }),
  /** as the data set's own groups have it: a writer, a hospital, a speaker */
  z.strictObject({ kind: z.literal('natural') }),
]);
export type PartitionPlan = z.infer<typeof PartitionPlan>;

/**
 * Deals examples to devices.
 *
 * @param examples  their labels, and their groups where they have any
 * @returns for each device the indices of its examples, shuffled; every example exactly once
 * @throws RangeError in a sentence, where there are too few examples, or no groups
 */
export function deal(
  plan: PartitionPlan,
  { labels, groups }: Pick<Examples, 'labels' | 'groups'>,
  dealing: Dealing,
): Uint32Array[] {
  switch (plan.kind) {
    case 'iid':
      return dealEvenly(labels.length, dealing);
    case 'dirichlet':
      return partitionByLabel(labels, { ...dealing, alpha: plan.alpha });
    case 'shards':
      return dealShards(labels, { ...dealing, perDevice: plan.perDevice });
    case 'quantity':
      return dealUnevenly(labels.length, { ...dealing, alpha: plan.alpha });
    case 'natural':
      if (groups === undefined)
        throw new RangeError('This data set does not say whose its examples are: there is no natural partition of it.');
      return dealNaturally(groups, dealing);
  }
}
