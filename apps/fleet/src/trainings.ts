import type { Evaluate, Train } from '#client';

import type { FleetConfig } from './config.js';
import type { Hand } from './data/index.js';
import type { FleetDevice } from './fleet-device.js';
import { MODELS, type TrainingPool } from './training/index.js';

export type TrainingOf = (device: FleetDevice) => Train;
export type EvaluationOf = (device: FleetDevice) => Evaluate;

/** How each device trains: on its own images, and in each round by a seed of its own. */
export function trainings(
  { seed, model, training }: FleetConfig,
  { hands, first }: { readonly hands: readonly Hand[]; readonly first: FleetDevice },
  trainer: Pick<TrainingPool, 'train'>,
): TrainingOf {
  const position = positions(first);
  const { topology } = MODELS[model];
  return ({ index }) =>
    ({ parameters, round, proximalMu }) => {
      const settings = { ...training, proximalMu, seed: `${seed}/${position(round)}/${index}` };
      return trainer.train({ topology, parameters, examples: hands[index]!.train, settings });
    };
}

/** How each device measures a model: on the images that it does not train on, if it has any. */
export function evaluations(
  { model }: FleetConfig,
  hands: readonly Hand[],
  trainer: Pick<TrainingPool, 'evaluate'>,
): EvaluationOf {
  const { topology } = MODELS[model];
  return ({ index }) =>
    ({ parameters }) => {
      const examples = hands[index]!.heldOut;
      return examples.labels.length === 0 ? undefined : trainer.evaluate({ topology, parameters, examples });
    };
}

/** Where a round stands among those this fleet has tokens for, from 1: training must not depend on when it was seen. */
export function positions({
  device,
  firstSlot,
}: FleetDevice): (round: { readonly epoch: number; readonly slot: number }) => number {
  const { slots } = device.manifest;
  return ({ epoch, slot }) => 1 + (epoch - firstSlot.epoch) * slots + slot - firstSlot.slot;
}
