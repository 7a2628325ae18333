import { bulyan } from './bulyan.js';
import { coordinateMedian } from './coordinate-median.js';
import { FED_BUFF, fedBuff } from './fed-buff.js';
import { fedAvgM } from './fed-avg-m.js';
import { fedAdagrad, fedAdam, fedYogi } from './fed-opt.js';
import { geometricMedian } from './geometric-median.js';
import { krum, multiKrum } from './krum.js';
import { normBoundedMean } from './norm-bounded-mean.js';
import { qFedAvg } from './q-fed-avg.js';
import { checkRates, plainStep, type ServerOptimizer } from './server-optimizer.js';
import { defineStrategy, type StrategyKind } from './strategy.js';
import { trimmedMean } from './trimmed-mean.js';
import type { Aggregator } from './aggregator.js';

const mean: Aggregator = { reads: 'sum' };
const optimized = (optimizer: ServerOptimizer) => ({ aggregator: mean, optimizer });
const plain = (aggregator: Aggregator) => ({ aggregator, optimizer: plainStep });
const MOMENTS = { tau: 1e-3, beta1: 0.9, beta2: 0.99 };

/** The strategies that papers have names for, under the names that Flower gave them, with its defaults. */
export const BOOK: readonly StrategyKind[] = [
  defineStrategy({ name: 'FedAvg', options: {}, make: () => plain(mean) }),
  defineStrategy({
    name: 'FedAvgM',
    options: { learningRate: 1, momentum: 0.9 },
    make: (options) => optimized(fedAvgM(options)),
  }),
  defineStrategy({
    name: 'FedAdam',
    options: { learningRate: 0.1, ...MOMENTS },
    make: (options) => optimized(fedAdam(options)),
  }),
  defineStrategy({
    name: 'FedYogi',
    options: { learningRate: 0.01, ...MOMENTS },
    make: (options) => optimized(fedYogi(options)),
  }),
  defineStrategy({
    name: 'FedAdagrad',
    options: { learningRate: 0.1, tau: 1e-3 },
    make: (options) => optimized(fedAdagrad(options)),
  }),
  // Plain averaging here: mu is for the devices, which read it in the manifest.
  defineStrategy({
    name: 'FedProx',
    options: { mu: undefined },
    make: ({ mu }) => {
      checkRates({ mu: [mu, 0, Infinity] });
      return plain(mean);
    },
  }),
  // The weight that an update carries is how stale it is.
  defineStrategy({
    name: FED_BUFF,
    options: { serverLearningRate: 1, maxStaleness: 4, momentum: 0 },
    make: fedBuff,
  }),
  // The weight that an update carries is its loss, in units of lossUnit.
  defineStrategy({
    name: 'QFedAvg',
    options: { q: 0.1, clientLearningRate: undefined, lossUnit: 1e-3 },
    make: (options) => plain(qFedAvg(options)),
  }),
  defineStrategy({ name: 'FedMedian', options: {}, make: () => plain(coordinateMedian) }),
  defineStrategy({
    name: 'FedTrimmedAvg',
    options: { beta: 0.2 },
    make: ({ beta }) => {
      checkRates({ beta: [beta, 0, 0.5] });
      return plain(trimmedMean(beta));
    },
  }),
  defineStrategy({ name: 'Krum', options: { malicious: undefined }, make: (options) => plain(krum(options)) }),
  defineStrategy({
    name: 'MultiKrum',
    options: { malicious: undefined, selected: undefined },
    make: (options) => plain(multiKrum(options)),
  }),
  defineStrategy({ name: 'Bulyan', options: { malicious: undefined }, make: (options) => plain(bulyan(options)) }),
  defineStrategy({
    name: 'GeometricMedian',
    options: { steps: 8, smoothing: 1e-6 },
    make: (options) => plain(geometricMedian(options)),
  }),
  defineStrategy({
    name: 'NormBoundedMean',
    options: { bound: undefined },
    make: ({ bound }) => plain(normBoundedMean(bound)),
  }),
];
