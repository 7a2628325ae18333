import { LearningError } from '../errors.js';
import { maxNorm, type Grid } from '../grid.js';

/** A private mean before it is released. */
export interface NoisyMean {
  readonly grid: Grid;
  /** parameters d */
  readonly dimension: number;
  /** devices n that the mean divides by */
  readonly devices: number;
  /** noise multiplier: the noise's deviation over the sensitivity */
  readonly sigma: number;
}

/** What noise does to a mean, in the model's own units. */
export interface NoiseOnMean {
  /** deviation of one coordinate */
  readonly perCoordinate: number;
  /** L2 norm of the noise on all coordinates together */
  readonly l2: number;
  /** that norm over the clip C, which no device's update exceeds */
  readonly shareOfClip: number;
  /** what to change, where the noise drowns the mean; null where it does not */
  readonly warning: string | null;
}

/** More noise than this, over C, drowns what devices agree on. */
const USEFUL_SHARE = 0.5;

/**
 * Δ₂, the most that one device moves the sum of grid integers: maxWeight·(C·s + √d/2). Clipping leaves C·s, and
 * rounding adds up to ½ for each of d coordinates.
 *
 * @param maxWeight  largest public weight of an update
 */
export function sensitivity(grid: Grid, dimension: number, maxWeight = 1): number {
  return maxWeight * maxNorm(grid, dimension);
}

/**
 * σ·Δ₂/(s·n) for each coordinate, √d times that for all.
 *
 * @throws LearningError `bad_grid`; `bad_strategy` for fewer than one device or dimension, or noise below none
 */
export function noiseOnMean({ grid, dimension, devices, sigma }: NoisyMean): NoiseOnMean {
  if (!(devices >= 1 && dimension >= 1 && sigma >= 0)) {
    throw new LearningError('bad_strategy', `noise of ${sigma} on ${dimension} means of ${devices}`);
  }
  const perCoordinate = (sigma * sensitivity(grid, dimension)) / (grid.scale * devices);
  const l2 = Math.sqrt(dimension) * perCoordinate;
  const shareOfClip = l2 / grid.clip;
  const warning = shareOfClip > USEFUL_SHARE ? advice({ grid, dimension, devices, sigma }, shareOfClip) : null;
  return { perCoordinate, l2, shareOfClip, warning };
}

function advice({ dimension, devices, sigma }: NoisyMean, share: number): string {
  const times = share / USEFUL_SHARE;
  const lessNoise = Math.floor((1000 * sigma) / times) / 1000;
  return (
    `The noise on the mean is ${share.toPrecision(2)} times the clip: what the devices agree on will not show. ` +
    `Any one of these makes it ${USEFUL_SHARE} times: at least ${Math.ceil(devices * times)} devices a round, ` +
    `not ${devices}; at most ${Math.floor(dimension / times ** 2)} parameters, not ${dimension}; ` +
    `or a noise multiplier of ${lessNoise}, not ${sigma}, and a larger ε.`
  );
}
