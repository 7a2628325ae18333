import { encodeFigures, LearningError, type Figures } from '#learning';

import { ClientError } from './errors.js';
import type { OpenRound } from './open-round.js';
import type { PinnedManifest } from './pinned-manifest.js';
import type { Platform } from './platform.js';
import { fetchModel } from './round-model.js';

/** What an author's evaluation is given. */
export interface EvaluationInput {
  /** of the model to measure, float32, layout order */
  readonly parameters: Float32Array;
  readonly round: { readonly epoch: number; readonly slot: number };
}

/**
 * Measures a model on examples that this device keeps out of its training.
 *
 * @returns undefined where it has none, now: the device sits the round out
 */
export type Evaluate = (input: EvaluationInput) => Promise<Figures | undefined> | Figures | undefined;

interface EvaluationContext {
  readonly platform: Platform;
  readonly pinned: PinnedManifest;
  readonly coordinator: string;
  readonly evaluate?: Evaluate;
}

/** Whether a round is for measuring its model, and not for training it. */
export const isEvaluation = ({ record }: Pick<OpenRound, 'record'>): boolean => record.evaluation !== undefined;

/**
 * Downloads the round's model and measures it.
 *
 * @returns the two numbers that leave the device; undefined where there was nothing to measure it on
 * @throws ClientError `bad_evaluation`, `wrong_model`, and those of `ask`
 */
export async function evaluateFor(
  { platform, pinned, coordinator, evaluate }: EvaluationContext,
  { epoch, slot, record }: OpenRound,
): Promise<Uint8Array | undefined> {
  const asker = { ...platform, http: platform.http.coordinator };
  const { parameters } = await fetchModel(asker, coordinator, record.modelDigest, pinned.manifest);
  const figures = await evaluate?.({ parameters, round: { epoch, slot } });
  if (figures === undefined) return undefined;
  try {
    return encodeFigures(figures, record.evaluation!.lossBound, platform.random);
  } catch (cause) {
    if (!(cause instanceof LearningError)) throw cause;
    throw new ClientError('bad_evaluation', `evaluation returned no figures: ${cause.message}`, { cause });
  }
}
