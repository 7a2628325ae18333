import { LearningError } from '../errors.js';
import type { SliceAggregator } from './aggregator.js';
import { weightedMean } from './cohort.js';

/** What Krum is told of the cohort. */
export interface KrumOptions {
  /** f, members that may be malicious */
  readonly malicious: number;
  /** m, members that count; Krum takes 1, Multi-Krum more */
  readonly selected?: number;
}

/**
 * The weighted mean of the m members with the best scores; a score is the sum of squared distances to the
 * max(1, n − f − 2) nearest others. Where scores are equal the order of the list decides.
 *
 * @throws LearningError `bad_strategy` for fewer than one selected or a negative f; `cohort_too_small` for fewer
 *   members than are to be selected
 * @see Blanchard et al. 2017, https://arxiv.org/abs/1703.02757
 */
export function multiKrum(options: KrumOptions): SliceAggregator {
  checkOptions(options);
  return {
    reads: 'slices',
    profiles: 'distances',
    least: Math.max(options.selected ?? 1, 2 * options.malicious + 3),
    weigh: ({ weights, distances }) => {
      const selected = new Set(selectByKrum(distances, weights.length, options));
      return weights.map((weight, i) => (selected.has(i) ? weight : 0));
    },
    combine: weightedMean,
  };
}

/** Multi-Krum with one selected: a member's own delta. */
export const krum = ({ malicious }: Pick<KrumOptions, 'malicious'>): SliceAggregator => multiKrum({ malicious });

/**
 * @param distances  n × n, squared
 * @returns indices of the selected, the best score first
 */
export function selectByKrum(distances: Float64Array, n: number, options: KrumOptions): number[] {
  const { malicious, selected = 1 } = options;
  if (n < selected) throw new LearningError('cohort_too_small', `${selected} of ${n} updates cannot be selected`);
  const nearest = Math.max(1, n - malicious - 2);
  const scores = Array.from({ length: n }, (_, i) => {
    const others = distances.slice(i * n, (i + 1) * n).filter((_, k) => k !== i);
    return others
      .sort()
      .subarray(0, nearest)
      .reduce((sum, distance) => sum + distance, 0);
  });
  const order = scores.map((_, i) => i).sort((a, b) => scores[a]! - scores[b]! || a - b);
  return order.slice(0, selected);
}

function checkOptions({ malicious, selected = 1 }: KrumOptions): void {
  if (!Number.isSafeInteger(malicious) || malicious < 0 || !Number.isSafeInteger(selected) || selected < 1) {
    throw new LearningError('bad_strategy', `${malicious} malicious and ${selected} selected make no Krum`);
  }
}
