import { randomBytes } from 'node:crypto';

import { SEED_BYTES, sensitivity } from '#learning';
import { parameterCount, treePlanOf, type PrivacyPlan } from '#protocol';
import { newBodyId, type BodyStore } from '#storage/bodies';
import { treesEpsilon, type FrozenRound, type NoiseTrees, type Release, type TreeStep } from '#storage/rounds';

import type { CombineResult, Noise } from './arithmetic.js';

/**
 * The noise of a round whose task has a tree, and what its release will have cost; null where it has none. A round's
 * leaf is its slot, counted from the tree's first epoch on: what was passed over or abandoned is a leaf without data,
 * so that a device's rounds are as many leaves apart as slots.
 */
export async function treeRelease(
  trees: NoiseTrees,
  round: FrozenRound,
  privacy: PrivacyPlan,
): Promise<{ readonly noise: Noise; readonly release: Release } | null> {
  const { useCase, epoch, slot, usesPerEpoch } = round;
  const plan = treePlanOf(privacy);
  if (plan === undefined) return null;
  const tree = await trees.at(useCase, plan, epoch, randomBytes(SEED_BYTES));
  // A device gets one token for each slot of its lane.
  const slots = usesPerEpoch * plan.separation;
  const step = (epoch - tree.firstEpoch) * slots + slot;
  const { noiseMultiplier: sigma, delta } = privacy;
  const moves = sensitivity(round, parameterCount(round), 1, round.encoding);
  const before = await trees.releases(useCase);
  const steps = before.find(({ number }) => number === tree.number)?.steps ?? [];
  const others = before.filter(({ number }) => number !== tree.number);
  const all = [...others, { number: tree.number, steps: [...steps, step] }];
  return {
    noise: { deviation: sigma * moves, tree, step, bands: plan.bands, into: newBodyId() },
    release: { epoch, sigma, sensitivity: moves, epsilon: treesEpsilon(privacy, plan, { trees: all }), delta },
  };
}

/** What the ledger writes down of it. */
export function treeStep(noise: Noise, next: CombineResult['tree']): TreeStep | undefined {
  if (!('tree' in noise) || next === null) return undefined;
  const { tree: before, step, into: fileId } = noise;
  return { before, step, after: { ...next, fileId } };
}

/** Of the sums before a release and after it, only those stay that count. */
export async function forgetSums(
  bodies: Pick<BodyStore, 'delete'>,
  step: TreeStep | undefined,
  isReleased: boolean,
): Promise<void> {
  const gone = isReleased ? step?.before.sums?.fileId : step?.after.fileId;
  if (gone !== undefined) await bodies.delete(gone);
}
