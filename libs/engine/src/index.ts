/** The libraries that servers compute credentials with, the choice between them, and how small requests share a call. */
export {
  allEngines,
  chooseEngine,
  ENGINE_CHOICES,
  EngineError,
  openEngine,
  type ChosenEngine,
  type EngineName,
} from './choose-engine.js';
export { CredentialThreads, DerivedKeys, threadEngine, type KeyedItem } from './credential-threads.js';
export { Gather, Overloaded, settle, type Outcome } from './gather.js';
export { describeEngine, reportEngine } from './report-engine.js';
