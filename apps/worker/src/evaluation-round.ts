import { randomBytes } from 'node:crypto';

import { crashPoint } from '#crash-point';
import { FIGURES_SENSITIVITY, FIGURES_SHAPE, releasedFigures, SEED_BYTES } from '#learning';
import type { PrivacyTerms } from '#protocol';
import {
  epsilonOf,
  type FrozenRound,
  type Partial,
  type Release,
  type ReleaseLedger,
  type RoundResults,
} from '#storage/rounds';

import type { Arithmetic, Noise } from './arithmetic.js';
import { JobError } from './why-it-failed.js';

/*
 * A round in which devices measured a model. Its updates are two numbers each, and they are summed, whatever the task's
 * strategy makes of others.
 */

export const isEvaluation = ({ lossBound }: Pick<FrozenRound, 'lossBound'>): boolean => lossBound !== null;

export const FIGURES_TASK = { ...FIGURES_SHAPE, strategy: { name: 'FedAvg' } };

/** What a private round adds to its sum, and what that costs. */
export interface Private {
  readonly noise: Noise;
  readonly release: Release;
}

/** Noise of its own for two numbers, from the one seed that the round ever has. */
export async function figuresPrivacy(
  ledger: ReleaseLedger,
  {
    id,
    useCase,
    epoch,
    privacy,
    usesPerEpoch,
  }: Pick<FrozenRound, 'id' | 'useCase' | 'epoch' | 'usesPerEpoch'> & {
    readonly privacy: PrivacyTerms;
  },
): Promise<Private> {
  const { noiseMultiplier: sigma, delta } = privacy;
  const epochs = [...(await ledger.epochs(useCase)), epoch];
  const epsilon = epsilonOf(privacy, epochs, { usesPerEpoch });
  return {
    noise: { deviation: sigma * FIGURES_SENSITIVITY, seed: await ledger.seed(id, randomBytes(SEED_BYTES)) },
    release: { epoch, sigma, sensitivity: FIGURES_SENSITIVITY, epsilon, delta },
  };
}

/** Adds the partial sums up and publishes them: no model comes of it. */
export async function publishFigures(
  {
    results,
    arithmetic,
    bodiesDirectory: bodies,
  }: { readonly results: RoundResults; readonly arithmetic: Arithmetic; readonly bodiesDirectory: string },
  round: FrozenRound,
  { partials, privacy }: { readonly partials: readonly Partial[]; readonly privacy: Private | null },
): Promise<void> {
  const { grid, dimension } = FIGURES_TASK;
  const task = { bodies, partials, grid, dimension, noise: privacy?.noise ?? null };
  const { submissions, values } = await arithmetic.total(task);
  if (submissions !== round.accepted) throw new JobError(`${submissions} of ${round.accepted} updates were summed`);
  await results.publishFigures(round, releasedFigures(values, submissions), privacy?.release);
  crashPoint('worker-published');
}
