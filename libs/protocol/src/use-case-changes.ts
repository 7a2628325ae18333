import { z } from 'zod';

import { CreateUseCase } from './coordinator-messages.js';

const { title, tokensPerSecond, keyEpochs, kMin } = CreateUseCase.shape;

/** Devices hold it in their manifest, and take no other. */
const pinned = z
  .never('devices pin this in their manifest, so it cannot change once the use case is live: make another use case')
  .optional();
const measured = z
  .never('accuracy before and after could not be compared, so it cannot change: make another use case')
  .optional();

/**
 * What may change of a live use case: nothing that devices pin, and what the manifest promises them only to their good.
 * In force from the start of the next epoch on.
 */
export const ChangeUseCase = z
  .strictObject({
    title: title.optional(),
    /** null: no limit of its own any more */
    tokensPerSecond: tokensPerSecond.unwrap().nullable().optional(),
    /** null: no other key follows by itself any more */
    keyEpochs: keyEpochs.unwrap().nullable().optional(),
    /** a larger one: no round has fewer devices to hide among */
    kMin: kMin.unwrap().optional(),
    /** a smaller budget */
    epsilonMax: z.number().positive().max(1000).optional(),
    ...{ id: pinned, suite: pinned, epochSeconds: pinned, slots: pinned, batch: pinned, quota: pinned, reuse: pinned },
    ...{ jitterMs: pinned, scale: pinned, encoding: pinned, clip: pinned, strategy: pinned, privacy: pinned },
    ...{ weightLevels: pinned, chunkBytes: pinned, uploadDeadlineMs: pinned, layout: pinned, topology: pinned },
    ...{ initialModel: pinned, evaluationSet: measured },
  })
  .refine((change) => Object.values(change).some((value) => value !== undefined), 'nothing to change');
export type ChangeUseCase = z.infer<typeof ChangeUseCase>;

/** What changed, and from which epoch on. */
export interface UseCaseChange {
  readonly fromEpoch: number;
  readonly fields: Readonly<Record<string, string | number | null>>;
}
