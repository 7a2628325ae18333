export { LearningError, type LearningErrorCode } from './errors.js';
export { denseClassifier, smallCnn, type Architecture } from './architectures.js';
export { checkWeights, ExactSum, sumHeader } from './exact-sum.js';
export {
  changeToGrid,
  checkGrid,
  deltaOf,
  l2Norm,
  maxCoordinate,
  maxNorm,
  MAX_COORDINATE,
  normOfChange,
  toGrid,
  type Grid,
} from './grid.js';
export { GridCheck, measureInt32LE, type Measure, type Size, type UpdateCheck } from './grid-check.js';
export type { DenseEncoding, Encoding, SparseEncoding } from './encodings/encoding.js';
export { encodingOf, type EncodingChoice } from './encodings/encoding-choice.js';
export { encodeEntries, ENTRY_BYTES, EntryReader, type Entries } from './encodings/entries.js';
export { maxStochasticNorm, toGridByLot } from './encodings/stochastic-rounding.js';
export {
  encodeFigures,
  FIGURES_BYTES,
  FIGURES_SENSITIVITY,
  FIGURES_SHAPE,
  FiguresCheck,
  meanFigures,
  releasedFigures,
  type Figures,
  type FigureSums,
} from './figures.js';
export { decodeFloat32LE } from './float32-bytes.js';
export { decodeInt32LE, encodeInt32LE } from './int32-bytes.js';
export { encodeInt64LE } from './int64-bytes.js';
export {
  flatten,
  layoutLength,
  layoutOfTensors,
  shapeLength,
  unflatten,
  type Layout,
  type NamedTensor,
} from './layout.js';
export { decodeSafetensors, encodeSafetensors } from './safetensors.js';
export {
  aggregateInMemory,
  divisorOf,
  weighed,
  type Aggregator,
  type CohortProfile,
  type SliceAggregator,
  type SumAggregator,
} from './strategies/aggregator.js';
export { BOOK } from './strategies/book.js';
export { bulyan } from './strategies/bulyan.js';
export {
  checkCohort,
  weightedMean,
  weightedSum,
  type Aggregation,
  type Cohort,
  type Contribution,
} from './strategies/cohort.js';
export { coordinateMedian } from './strategies/coordinate-median.js';
export { fedAvg } from './strategies/fed-avg.js';
export { FED_BUFF } from './strategies/fed-buff.js';
export { fedAvgM, type FedAvgMOptions } from './strategies/fed-avg-m.js';
export { fedAdagrad, fedAdam, fedYogi, type FedOptOptions } from './strategies/fed-opt.js';
export { proximalMu, pullTowards } from './strategies/fed-prox.js';
export { geometricMedian, type GeometricMedianOptions } from './strategies/geometric-median.js';
export { krum, multiKrum, selectByKrum, type KrumOptions } from './strategies/krum.js';
export { clipFactor, normBoundedMean } from './strategies/norm-bounded-mean.js';
export { decodeOptimizerState, encodeOptimizerState } from './strategies/optimizer-state.js';
export { qFedAvg, type QFedAvgOptions } from './strategies/q-fed-avg.js';
export { initialState, plainStep, type OptimizerState, type ServerOptimizer } from './strategies/server-optimizer.js';
export {
  defineStrategy,
  leastCohort,
  Strategies,
  type Strategy,
  type StrategyChoice,
  type StrategyKind,
} from './strategies/strategy.js';
export { squaredDistances, squaredNorms } from './strategies/distances.js';
export { trimmedMean } from './strategies/trimmed-mean.js';
export {
  adaptClip,
  localDeviation,
  meanDeviation,
  multiplierBesideCount,
  nextClip,
  sumMultiplier,
  type AdaptiveClipping,
  type ClippingRule,
  type CountedBits,
} from './privacy/clipping.js';
export {
  privacySpent,
  renyiEpsilon,
  wouldExceed,
  type GaussianRow,
  type LedgerRow,
  type PrivacySpent,
  type TreeRow,
} from './privacy/accountant.js';
export { calibrateNoise, type PrivacyGoal } from './privacy/calibration.js';
export { bernoulliExp, bernoulliGauss, RandomCoins, type Coins } from './privacy/coins.js';
export {
  addDiscreteGaussian,
  discreteGaussian,
  LARGEST_DEVIATION,
  NOISE_BLOCK,
  toDeviation,
  type Deviation,
  type NoiseSource,
} from './privacy/discrete-gaussian.js';
export { fft, type Complex } from './privacy/fft.js';
export { gaussianDelta, gaussianEpsilon, zeroConcentrated, type GaussianReleases } from './privacy/gaussian.js';
export { composeLosses, lossEpsilon, type LossPart } from './privacy/loss-composition.js';
export { logNormalCdf, normalBetween, normalCdf } from './privacy/normal.js';
export { gaussianLoss, type Direction, type LossDistribution } from './privacy/privacy-loss.js';
export {
  composeRdp,
  groupEpsilon,
  rdpDelta,
  rdpEpsilon,
  rdpOfGaussian,
  RENYI_ORDERS,
  type RenyiCurve,
  type SampledGaussian,
} from './privacy/renyi.js';
export {
  bandedFactor,
  bandedVariances,
  factorNorm,
  MOST_BANDS,
  NO_BANDS_YET,
  recentSteps,
  releaseBanded,
  type BandedNoise,
  type BandedState,
} from './privacy/banded-noise.js';
export { bandedSensitivity, wholeBandedSensitivity } from './privacy/banded-sensitivity.js';
export { decodeVectors, encodeVectors, vectorsLength } from './privacy/noise-vectors.js';
export { laneSensitivity, wholeTreeSensitivity, type LaneReleases } from './privacy/lane-sensitivity.js';
export { releaseStep, seedAfter, type NextRelease, type NoisyTree } from './privacy/noisy-tree.js';
export { SEED_BYTES, seededBytes, type RandomSource } from './privacy/seeded-bytes.js';
export {
  cumulativeNoise,
  EMPTY_TREE,
  growTree,
  replayTree,
  roundNoise,
  treeVariance,
  type TreeNoiseSource,
  type TreeState,
} from './privacy/tree-aggregation.js';
export { decodeTreeState, encodeTreeState, treeStateLength } from './privacy/tree-state-bytes.js';
export { treeSensitivity, type TreeParticipation } from './privacy/tree-sensitivity.js';
export { participations } from './privacy/participations.js';
export { noiseOnMean, sensitivity, type NoiseOnMean, type NoisyMean } from './privacy/utility.js';
export { toLayersFormat, WEIGHTS_FILE, type LayersFormat, type Topology } from './layers-format.js';
