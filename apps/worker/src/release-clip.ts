import { adaptClip, seededBytes, sumMultiplier, type ClippingRule, type CountedBits } from '#learning';
import type { ClipRelease } from '#storage/rounds';

export interface ClipNoise {
  /** noise multiplier of sum and bits together */
  readonly sigma: number;
  readonly clipping: ClippingRule;
  /** the round's, stored before */
  readonly seed: Uint8Array;
}

/** What a round with adaptive clipping releases beside its sum. Drawn again, from the same seed, it is the same. */
export function releaseClip(bits: CountedBits, { sigma, clipping, seed }: ClipNoise): ClipRelease {
  const { countNoise } = clipping;
  return {
    sumSigma: sumMultiplier(sigma, clipping),
    countNoise,
    ...adaptClip(bits, clipping, seededBytes(seed, 'bits')),
  };
}
