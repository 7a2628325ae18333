export * from './models.js';
export * from './open-round.js';
export * from './round-deadlines.js';
export * from './round-results.js';
export * from './round-retries.js';
export * from './round-schedule.js';
export * from './round-view.js';
export { epsilonOf, ReleaseLedger, type Release } from './release-ledger.js';
