import { z } from 'zod';

import { CreateUseCase } from './coordinator-messages.js';
import { count } from './message-fields.js';

/** A use case that may be created, as far as it is thought out, and what is planned with it. Files need not be uploaded. */
export const PreviewUseCase = CreateUseCase.partial({ id: true, title: true, initialModel: true }).extend({
  /** rounds planned */
  rounds: z.int().min(1).max(1000).default(1),
  /** devices that a round will have; as many as `kMin` when left out */
  cohort: count.optional(),
});
export type PreviewUseCase = z.infer<typeof PreviewUseCase>;

/** What would come of it. */
export interface UseCasePreview {
  /** what creating it or starting its rounds would be refused for */
  readonly problems: readonly { readonly field: string; readonly message: string }[];
  /** what may be done and will disappoint, in sentences: of rounds with `kMin` devices, as when they are started */
  readonly warnings: readonly string[];
  /** what all releases up to each round could cost together; empty where there is no noise */
  readonly epsilonByRound: readonly number[];
  /** the L2 norm of the noise on the mean of `cohort` devices, over the clip, which no update exceeds; null where there is none */
  readonly noiseToSignal: number | null;
  /** bytes of every update's payload; null where it has none yet */
  readonly bytesPerUpdate: number | null;
  /** tokens that a device gets in an epoch at most */
  readonly tokensPerDevice: number | null;
  readonly parameters: number | null;
}
