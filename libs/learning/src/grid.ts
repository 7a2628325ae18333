import { LearningError } from './errors.js';

/**
 * The public fixed-point grid of a use case. A real coordinate x becomes the integer round(scale·x).
 *
 * scale  grid steps per unit, > 0
 * clip   L2 bound C on a whole delta, in real units, > 0
 */
export interface Grid {
  readonly scale: number;
  readonly clip: number;
}

/** Largest |q| any grid may allow: q² then fits a float64 exactly, and 2^27 updates still sum exactly. */
export const MAX_COORDINATE = 2 ** 26;

/**
 * Checks that a grid can be used at all.
 *
 * @throws LearningError `bad_grid` when scale or clip is not positive and finite, or clip·scale > 2^26
 */
export function checkGrid({ scale, clip }: Grid): void {
  const positive = Number.isFinite(scale) && scale > 0 && Number.isFinite(clip) && clip > 0;
  if (!positive || clip * scale > MAX_COORDINATE) {
    throw new LearningError('bad_grid', `scale ${scale} and clip ${clip} do not make a grid within 2^26`);
  }
}

/** Largest |q| of one coordinate: ⌈C·s⌉. No coordinate of a vector exceeds the vector's norm. */
export function maxCoordinate(grid: Grid): number {
  checkGrid(grid);
  return Math.ceil(grid.clip * grid.scale);
}

/**
 * Largest L2 norm an honest update can have on the grid: C·s + √d/2.
 * Clipping leaves at most C·s; rounding moves each of the d coordinates by at most one half.
 */
export function maxNorm(grid: Grid, dimension: number): number {
  checkGrid(grid);
  return grid.clip * grid.scale + Math.sqrt(dimension) / 2;
}

/**
 * Clips a delta and rounds it to the grid: q = round(s·Δ·min(1, C/‖Δ‖₂)), ties toward +∞.
 * The norm is taken in float64 over all coordinates together. A zero delta gives zeros.
 *
 * @param delta  local minus global parameters, length d; not modified
 * @returns int32, length d, with |q| ≤ maxCoordinate and ‖q‖₂ ≤ maxNorm
 * @throws LearningError `not_finite` for NaN, an infinity or a norm beyond float64; `bad_grid`
 * @see McMahan et al. 2018 (DP-FedAvg), flat clipping, https://arxiv.org/abs/1710.06963
 */
export function toGrid(delta: Float32Array | Float64Array, grid: Grid): Int32Array {
  checkGrid(grid);
  const factor = gridFactor(l2Norm(delta), grid);
  const q = new Int32Array(delta.length);
  for (let j = 0; j < q.length; j++) q[j] = round(delta[j]! * factor);
  return q;
}

/**
 * `toGrid` of `after` − `before`, whose delta is never in memory: on a device that is twice the model in float64.
 *
 * @param into  as long; may be the memory of either
 * @throws LearningError as `toGrid`, nothing written then; `dimension_mismatch`
 */
export function changeToGrid(
  after: Float32Array,
  before: Float32Array,
  grid: Grid,
  into: Int32Array = new Int32Array(after.length),
): Int32Array {
  checkGrid(grid);
  checkLengths(into, before);
  const factor = gridFactor(normOfChange(after, before), grid);
  const fours = wholeFours(after);
  let j = 0;
  for (; j < fours; j += 4) {
    const a = (after[j]! - before[j]!) * factor;
    const b = (after[j + 1]! - before[j + 1]!) * factor;
    const c = (after[j + 2]! - before[j + 2]!) * factor;
    const d = (after[j + 3]! - before[j + 3]!) * factor;
    into[j] = round(a);
    into[j + 1] = round(b);
    into[j + 2] = round(c);
    into[j + 3] = round(d);
  }
  for (; j < after.length; j++) into[j] = round((after[j]! - before[j]!) * factor);
  return into;
}

/** `l2Norm` of `after` − `before`. @throws LearningError `dimension_mismatch` */
export function normOfChange(after: Float32Array, before: Float32Array): number {
  checkLengths(after, before);
  let squares = 0;
  const fours = wholeFours(after);
  let j = 0;
  for (; j < fours; j += 4) {
    const a = after[j]! - before[j]!;
    const b = after[j + 1]! - before[j + 1]!;
    const c = after[j + 2]! - before[j + 2]!;
    const d = after[j + 3]! - before[j + 3]!;
    // From left to right, as one after the other: the same bits.
    squares = squares + a * a + b * b + c * c + d * d;
  }
  for (; j < after.length; j++) {
    const a = after[j]! - before[j]!;
    squares += a * a;
  }
  return Math.sqrt(squares);
}

/** Numbers that are taken four a turn, in three quarters of the time: a turn of a loop takes as long as a number does. */
const wholeFours = ({ length }: Float32Array): number => length - (length % 4);

/**
 * `after` − `before` in float64. A plain loop: `Float64Array.from` with a function takes twenty times as long.
 *
 * @throws LearningError `dimension_mismatch`
 */
export function deltaOf(after: Float32Array, before: Float32Array): Float64Array {
  checkLengths(after, before);
  const delta = new Float64Array(after.length);
  for (let j = 0; j < delta.length; j++) delta[j] = after[j]! - before[j]!;
  return delta;
}

function checkLengths(after: Float32Array | Int32Array, before: Float32Array): void {
  if (after.length === before.length) return;
  throw new LearningError('dimension_mismatch', `${before.length} numbers became ${after.length}`);
}

/** The greatest float64 below one half: the only one that is rounded up when one half is added to it. */
const ALMOST_HALF = 0.5 - 2 ** -54;

/** `Math.round` up to 2^52, in a tenth of the time: that one decides number by number, and the processor guesses wrong. */
const round = (x: number): number => (x === ALMOST_HALF ? 0 : Math.floor(x + 0.5));

/** What each coordinate of a delta of this norm is multiplied by. */
function gridFactor(norm: number, { scale, clip }: Grid): number {
  // NaN and infinities always reach the norm, and Math.min(1, C / NaN) would let them through.
  if (!Number.isFinite(norm)) throw new LearningError('not_finite', 'the delta holds a number that is not finite');
  return scale * Math.min(1, clip / norm);
}

/** ‖x‖₂ in float64. */
export function l2Norm(x: Float32Array | Float64Array): number {
  let squares = 0;
  for (let j = 0; j < x.length; j++) squares += x[j]! * x[j]!;
  return Math.sqrt(squares);
}
