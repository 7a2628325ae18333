import { INT16 } from './encodings/int16.js';
import type { EncodingChoice } from './encodings/encoding-choice.js';
import { LearningError } from './errors.js';
import type { UpdateCheck } from './grid-check.js';
import type { Grid } from './grid.js';
import { RandomCoins } from './privacy/coins.js';
import type { RandomSource } from './privacy/seeded-bytes.js';

/*
 * What a model is worth on one device's data: two numbers on a public grid of thousandths. Rounded by lot they are
 * right in the mean, and say less of the device: exactly 17 of 23 right would show how many examples it has, and the
 * same digits twice that both are its.
 */

/** Of a model on some data. */
export interface Figures {
  /** mean over the examples, 0 or more */
  readonly loss: number;
  /** share of the examples that it gets right */
  readonly accuracy: number;
}

/** Sums of thousandths over devices. */
export interface FigureSums {
  /** of the loss bound */
  readonly loss: number;
  readonly accuracy: number;
}

const SCALE = 1000;
export const FIGURES_BYTES = 4;

/** Figures are summed like any updates: two coordinates, each at most 1. */
export const FIGURES_SHAPE: {
  readonly grid: Grid;
  readonly encoding: EncodingChoice;
  readonly dimension: number;
} = { grid: { scale: SCALE, clip: 1 }, encoding: 'int16', dimension: 2 };

/** Δ₂: a device that is there or not moves the two sums by so much at most. */
export const FIGURES_SENSITIVITY = SCALE * Math.SQRT2;

/** Of a coin's chance. */
const FINEST = 2 ** 40;

/**
 * u16(loss) ‖ u16(accuracy), little-endian, in thousandths of the bound and of 1, each rounded by lot.
 *
 * @param lossBound  a larger loss counts as this
 * @param random  a cryptographic generator
 * @throws LearningError `not_finite` for NaN, a loss below 0 or an accuracy that is no share; an infinite loss is one
 */
export function encodeFigures({ loss, accuracy }: Figures, lossBound: number, random: RandomSource): Uint8Array {
  if (!(loss >= 0 && accuracy >= 0 && accuracy <= 1)) {
    throw new LearningError('not_finite', 'figures are a loss of 0 or more, and an accuracy from 0 to 1');
  }
  const coins = new RandomCoins(random);
  const thousandths = [Math.min(loss, lossBound) / lossBound, accuracy].map((share) => {
    // Whole thousandths stay as they are, whatever a float makes of them.
    const scaled = Number((SCALE * share).toPrecision(12));
    const below = Math.floor(scaled);
    return coins.bernoulli(Math.round((scaled - below) * FINEST), FINEST) ? below + 1 : below;
  });
  return INT16.narrow(Int32Array.from(thousandths));
}

/** Judges a device's figures as they arrive. */
export class FiguresCheck implements UpdateCheck {
  readonly #bytes: number[] = [];

  push(chunk: Uint8Array): void {
    this.#bytes.push(...chunk.subarray(0, FIGURES_BYTES + 1));
  }

  /** @throws LearningError `wrong_length`, `out_of_range` */
  finish(): void {
    if (this.#bytes.length !== FIGURES_BYTES) throw new LearningError('wrong_length', 'figures are two numbers');
    const q = INT16.widen(Uint8Array.from(this.#bytes), new Int32Array(2));
    if (q.some((thousandths) => thousandths < 0 || thousandths > SCALE)) {
      throw new LearningError('out_of_range', `a figure lies outside 0 to ${SCALE}`);
    }
  }
}

/** Noise may take a sum to where no devices can; cut back to what they can, it gives nothing more away. */
export function releasedFigures([loss = 0, accuracy = 0]: Float64Array, devices: number): FigureSums {
  const within = (sum: number): number => Math.min(SCALE * devices, Math.max(0, sum));
  return { loss: within(loss), accuracy: within(accuracy) };
}

/** The means that sums are of; exact but for one division. */
export const meanFigures = (sums: FigureSums, lossBound: number, devices: number): Figures => ({
  loss: (sums.loss * lossBound) / (SCALE * devices),
  accuracy: sums.accuracy / (SCALE * devices),
});
