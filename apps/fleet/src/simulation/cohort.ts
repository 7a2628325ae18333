import {
  addDiscreteGaussian,
  aggregateInMemory,
  ExactSum,
  fedAvg,
  toDeviation,
  type Aggregator,
  type Grid,
  type RandomSource,
} from '#learning';

/** Noise on a sum, as the worker draws it. */
export interface SumNoise {
  /** grid steps */
  readonly deviation: number;
  readonly bytesOf: (block: number) => RandomSource;
}

/** Takes a round's accepted updates as they come, and makes of them what a worker makes: whatever came first. */
export interface SimulatedCohort {
  readonly count: number;
  /** @param place  in the round's list; each once */
  add(place: number, q: Int32Array): void;
  /** @returns real units; LearningError where the strategy refuses */
  aggregate(noise: SumNoise | null): Float64Array;
}

export const gatherFor = (aggregator: Aggregator, grid: Grid, dimension: number): SimulatedCohort =>
  aggregator.reads === 'sum' ? sums(grid, dimension) : lists(aggregator, grid);

/** Keeps one sum, whatever the number of updates. */
function sums(grid: Grid, dimension: number): SimulatedCohort {
  const sum = new ExactSum(grid, dimension);
  return {
    get count() {
      return sum.count;
    },
    add: (_, q) => sum.add(q, 1),
    aggregate: (noise) => {
      if (noise !== null) {
        addDiscreteGaussian(sum.values, { deviation: toDeviation(noise.deviation), bytesOf: noise.bytesOf });
      }
      return fedAvg(sum.values, sum.totalWeight, grid);
    },
  };
}

/** Keeps every update: such strategies look at them side by side. */
function lists(aggregator: Exclude<Aggregator, { reads: 'sum' }>, { scale }: Grid): SimulatedCohort {
  const updates = new Map<number, Int32Array>();
  return {
    get count() {
      return updates.size;
    },
    add: (place, q) => void updates.set(place, q),
    aggregate: () => {
      const inOrder = [...updates].sort(([a], [b]) => a - b).map(([, delta]) => ({ delta, weight: 1 }));
      return aggregateInMemory(aggregator, inOrder, scale);
    },
  };
}
