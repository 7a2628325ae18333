import { calibrateNoise, noiseOnMean, privacySpent, sumMultiplier } from '#learning';
import { treesEpsilon } from '#storage/rounds';

import { lessWithBands, lessWithTree, type Less } from './noise-in-models.js';

const DELTA = 1e-6;
const ROUNDS = [1, 3, 10, 64];
const rounds = (count: number): string => (count === 1 ? '1 round' : `${count} rounds`);

/** Figures of the page on privacy settings, by the functions that the coordinator counts with. */
export const TABLES: Readonly<Record<string, () => string>> = {
  'epsilon-of-sigma': () =>
    table(
      ['σ', ...ROUNDS.map(rounds)],
      [0.5, 1, 2, 4, 6, 8].map((sigma) => [`${sigma}`, ...ROUNDS.map((count) => epsilon(sigma, count).toFixed(2))]),
    ),
  'sigma-of-epsilon': () =>
    table(
      ['ε_max', ...ROUNDS.map(rounds)],
      [1, 2, 4, 8].map((goal) => [`${goal}`, ...ROUNDS.map((count) => sigmaFor(goal, count).toFixed(2))]),
    ),
  'devices-for-noise': () =>
    table(
      ['σ', ...[1_000, 7_850, 50_890, 1_000_000].map((d) => `${d.toLocaleString('en-GB')} parameters`)],
      [0.5, 1, 2, 4].map((sigma) => [
        `${sigma}`,
        ...[1_000, 7_850, 50_890, 1_000_000].map((d) => devicesFor(sigma, d)),
      ]),
    ),
  'noise-of-count': () =>
    table(
      ['σ', 'countNoise 2', 'countNoise 5', 'countNoise 20'],
      [0.5, 1, 2, 4].map((sigma) => [`${sigma}`, ...[2, 5, 20].map((countNoise) => beside(sigma, countNoise))]),
    ),
  'epsilon-of-trees': () =>
    table(
      ['slots apart', 'rounds of one device in a tree', ...[2, 4, 6, 8].map((sigma) => `σ = ${sigma}`)],
      [1, 4, 16, 64].map((separation) => [
        `${separation}`,
        `${256 / separation}`,
        ...[2, 4, 6, 8].map((sigma) => treeEpsilon(sigma, separation).toFixed(2)),
      ]),
    ),
  'noise-in-models': () =>
    table(
      ['rounds', 'slots apart', 'tree: in the end', 'on the way', 'bands', 'banded: in the end', 'on the way'],
      [
        [64, 16, 16],
        [256, 64, 16],
        [1024, 64, 16],
        [1024, 64, 64],
      ].map(([rounds = 0, apart = 0, bands = 0]) => [
        rounds.toLocaleString('en-GB'),
        `${apart}`,
        ...times(lessWithTree(rounds, apart)),
        `${bands}`,
        ...times(lessWithBands(rounds, apart, bands)),
      ]),
    ),
};

const epsilon = (sigma: number, count: number): number =>
  privacySpent([{ mechanism: 'gaussian', sigma, count }], DELTA).epsilon;

const sigmaFor = (goal: number, count: number): number =>
  calibrateNoise({ epsilon: goal, delta: DELTA, count }, 'loss');

/** From how many devices on `round start` does not warn, with the grid of the defaults. */
function devicesFor(sigma: number, dimension: number): string {
  const grid = { scale: 65_536, clip: 1 };
  const warns = (devices: number): boolean => noiseOnMean({ grid, dimension, devices, sigma }).warning !== null;
  let [low, high] = [0, 1];
  while (warns(high)) high *= 2;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (warns(middle)) low = middle;
    else high = middle;
  }
  return high.toLocaleString('en-GB');
}

/** The sum's σ where the count takes its part, or that there is none. */
function beside(sigma: number, countNoise: number): string {
  return sigma < 2 * countNoise ? sumMultiplier(sigma, { countNoise }).toFixed(3) : 'refused';
}

/** One tree of 256 slots: four epochs of 64. */
const treeEpsilon = (noiseMultiplier: number, separation: number): number =>
  treesEpsilon(
    { noiseMultiplier, delta: DELTA },
    { separation, epochs: 4 },
    { trees: [], whole: { slots: 64, more: 1 } },
  );

const times = ({ inTheEnd, onTheWay }: Less): string[] => [inTheEnd.toFixed(2), onTheWay.toFixed(2)];

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}
