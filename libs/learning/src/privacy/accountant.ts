import { LearningError } from '../errors.js';
import { gaussianEpsilon, zeroConcentrated } from './gaussian.js';
import { composeLosses, LARGEST_WINDOW, lossEpsilon, lossWindow, type LossPart } from './loss-composition.js';
import { gaussianLoss, lossRange, type Direction } from './privacy-loss.js';
import { composeRdp, rdpEpsilon, rdpOfGaussian } from './renyi.js';
import { treeSensitivity, type TreeParticipation } from './tree-sensitivity.js';

/** Releases with independent noise. */
export interface GaussianRow {
  readonly mechanism: 'gaussian';
  /** noise multiplier: the noise's deviation over the sensitivity of one contribution */
  readonly sigma: number;
  /** releases that one device may be part of */
  readonly count: number;
  /** rate of a Poisson sample that nobody sees; left out where none is claimed */
  readonly sampling?: number;
}

/** All releases of trees whose nodes carry the noise. */
export interface TreeRow extends TreeParticipation {
  readonly mechanism: 'tree';
  readonly sigma: number;
  /** trees that one device may be part of */
  readonly count: number;
}

export type LedgerRow = GaussianRow | TreeRow;

/** What releases cost together: two bounds, both true. */
export interface PrivacySpent {
  readonly delta: number;
  /** by Rényi divergences, and the order that gave it */
  readonly renyi: { readonly epsilon: number; readonly order: number };
  /** by the privacy losses themselves: exact for Gaussian noise, on a grid from above where there is sampling */
  readonly loss: number;
  /** the lesser of the two */
  readonly epsilon: number;
  /** ρ of zero-concentrated privacy; null where there is sampling */
  readonly rho: number | null;
}

/** Width of the grid of losses. δ is then right to the square of it for each release. */
const STEP = 1.25e-4;
const LARGEST_LOSS_GRID = 2 ** 16;

/**
 * ε of everything in the ledger for a δ.
 *
 * @throws LearningError `bad_strategy` for a row or a δ that is none
 */
export function privacySpent(rows: readonly LedgerRow[], delta: number): PrivacySpent {
  const releases = rows.map(asGaussian);
  const renyi = renyiSpent(releases, delta);
  const sampled = releases.some(isSampled);
  const loss = sampled ? sampledEpsilon(releases, delta) : gaussianEpsilon(withoutSampling(releases), delta);
  const rho = sampled ? null : zeroConcentrated(withoutSampling(releases));
  return { delta, renyi, loss, epsilon: Math.min(renyi.epsilon, loss), rho };
}

/** Whether one more row would cost more than `epsilonMax` in all. A cost of exactly that much is still allowed. */
export function wouldExceed(
  rows: readonly LedgerRow[],
  next: LedgerRow,
  { epsilon: epsilonMax, delta }: { readonly epsilon: number; readonly delta: number },
): boolean {
  const all = [...rows, next];
  // Losses are much more work, and not needed where divergences already allow it.
  return renyiSpent(all.map(asGaussian), delta).epsilon > epsilonMax && privacySpent(all, delta).epsilon > epsilonMax;
}

/** ε by divergences alone: fast, and an upper bound for the discrete Gaussian as for the continuous one. */
export function renyiEpsilon(rows: readonly LedgerRow[], delta: number): number {
  return renyiSpent(rows.map(asGaussian), delta).epsilon;
}

function renyiSpent(releases: readonly GaussianRow[], delta: number): { epsilon: number; order: number } {
  return rdpEpsilon(composeRdp(releases.map((row) => ({ curve: rdpOfGaussian(row), count: row.count }))), delta);
}

const isSampled = ({ sampling = 1 }: GaussianRow): boolean => sampling < 1;

/** A tree with its noise is one release of all its nodes, as sensitive as a device's part in them. */
function asGaussian(row: LedgerRow): GaussianRow {
  if (!(row.sigma > 0) || !Number.isSafeInteger(row.count) || row.count < 0) {
    throw new LearningError('bad_strategy', `${row.count} releases with σ = ${row.sigma} cannot be accounted for`);
  }
  if (row.mechanism === 'gaussian') return row;
  return { mechanism: 'gaussian', sigma: row.sigma / treeSensitivity(row), count: row.count };
}

/** Releases without sampling are together one of σ = (Σ k/σ²)^(−1/2). */
function withoutSampling(releases: readonly GaussianRow[]): GaussianRow {
  const precision = releases.filter((row) => !isSampled(row)).reduce((sum, row) => sum + row.count / row.sigma ** 2, 0);
  return { mechanism: 'gaussian', sigma: precision > 0 ? precision ** -0.5 : 1, count: precision > 0 ? 1 : 0 };
}

/** ε by privacy losses on a grid: the larger of a device more and a device less. */
function sampledEpsilon(releases: readonly GaussianRow[], delta: number): number {
  const all = [withoutSampling(releases), ...releases.filter(isSampled)];
  const rows = all.filter(({ count, sampling }) => count > 0 && sampling !== 0);
  if (rows.length === 0) return 0;
  const direction = (direction: Direction): number => lossEpsilon(composeLosses(lossParts(rows, direction)), delta);
  return Math.max(direction('remove'), direction('add'));
}

/** The losses on the finest grid, from `STEP` on, on which they and their sum have room. */
function lossParts(rows: readonly GaussianRow[], direction: Direction): LossPart[] {
  const widest = Math.max(...rows.map((row) => lossRange(row)).map(([low, high]) => high - low));
  for (let step = STEP; ; step *= 2) {
    if (widest > step * LARGEST_LOSS_GRID) continue;
    const parts = rows.map((row) => ({ loss: gaussianLoss(row, direction, step), count: row.count }));
    const { lowest, highest } = lossWindow(parts);
    if (highest - lowest < LARGEST_WINDOW) return parts;
  }
}
