/**
 * A strategy of one's own, in one file: the mean of the updates that are neither the longest nor the shortest.
 *
 *   STRATEGY_MODULES=dist/examples/own-strategy.js starling up
 *
 * A use case then chooses it with "strategy": { "name": "WithoutExtremes", "share": 0.1 }. Coordinator and worker
 * load the file; it may import whatever it likes, and must be pure: the same updates make the same bytes.
 */
import { defineStrategy, plainStep, weightedMean } from '#learning';

export default defineStrategy({
  name: 'WithoutExtremes',
  /** share of the cohort that is left out at each end, in [0, 1/2) */
  options: { share: 0.1 },
  make: ({ share }) => ({
    aggregator: {
      reads: 'slices',
      profiles: 'norms',
      weigh: ({ weights, squaredNorms }) => {
        const order = weights.map((_, i) => i).sort((a, b) => squaredNorms[a]! - squaredNorms[b]! || a - b);
        const cut = Math.floor(share * weights.length);
        const kept = new Set(order.slice(cut, weights.length - cut));
        return weights.map((weight, i) => (kept.has(i) ? weight : 0));
      },
      combine: weightedMean,
    },
    optimizer: plainStep,
  }),
});
