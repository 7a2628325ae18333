export * from './models.js';
export * from './open-round.js';
export * from './round-deadlines.js';
export * from './round-metrics.js';
export * from './round-pauses.js';
export { RoundPlans, type PlanTerms } from './round-plans.js';
export * from './round-results.js';
export * from './round-retries.js';
export * from './round-schedule.js';
export * from './round-view.js';
export {
  NoiseTrees,
  treesEpsilon,
  type KeptTree,
  type LiveTree,
  type TreeReleases,
  type TreeStep,
} from './noise-trees.js';
export { epsilonOf, ReleaseLedger, type ClipRelease, type Release } from './release-ledger.js';
export * from './queue-figures.js';
export * from './queue-jobs.js';
export * from './use-case-figures.js';
export * from './round-names.js';
