import { LearningError } from '../errors.js';
import { encodingOf, type EncodingChoice } from '../encodings/encoding-choice.js';
import type { Grid } from '../grid.js';

/** A private mean before it is released. */
export interface NoisyMean {
  readonly grid: Grid;
  /** parameters d */
  readonly dimension: number;
  /** devices n that the mean divides by */
  readonly devices: number;
  /** noise multiplier: the noise's deviation over the sensitivity */
  readonly sigma: number;
  /** of the updates; int32 when left out */
  readonly encoding?: EncodingChoice | undefined;
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
 * Δ₂, the most that one device moves the sum of grid integers: maxWeight times the longest update of the encoding. Of
 * int32 it is C·s + √d/2: clipping leaves C·s, and rounding adds up to ½ for each of d coordinates.
 *
 * Which coordinates a sparse update names depends on the device's data. That changes nothing: it is a vector of d
 * numbers like each other one, no longer than the bound, and every coordinate of the sum gets its noise, named or not.
 *
 * @param maxWeight  largest public weight of an update
 */
export function sensitivity(grid: Grid, dimension: number, maxWeight = 1, encoding: EncodingChoice = 'int32'): number {
  return maxWeight * encodingOf(encoding, dimension).maxNorm(grid);
}

/**
 * σ·Δ₂/(s·n) for each coordinate, √d times that for all.
 *
 * @throws LearningError `bad_grid`; `bad_strategy` for fewer than one device or dimension, or noise below none
 */
export function noiseOnMean({ grid, dimension, devices, sigma, encoding }: NoisyMean): NoiseOnMean {
  if (!(devices >= 1 && dimension >= 1 && sigma >= 0)) {
    throw new LearningError('bad_strategy', `noise of ${sigma} on ${dimension} means of ${devices}`);
  }
  const perCoordinate = (sigma * sensitivity(grid, dimension, 1, encoding)) / (grid.scale * devices);
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
