export { FEATURES as BIRD_STRIKE_FEATURES, loadBirdStrikes } from './bird-strikes.js';
export { CLASSES, loadDigits, PIXELS } from './digits.js';
export { partitionByLabel, type Partition } from './dirichlet.js';
export { selectExamples, splitTest, toInput, type Examples } from './examples.js';
export { holdOut, type Hand } from './held-out.js';
export { LANGUAGES, loadLanguages, TRIGRAM_BUCKETS } from './languages.js';
export { deal, PartitionPlan } from './partition/index.js';
export { Random } from './random.js';
