export { CLASSES, loadDigits, PIXELS, selectExamples, splitTest, toInput, type Examples } from './digits.js';
export { partitionByLabel, type Partition } from './dirichlet.js';
export { deal, PartitionPlan } from './partition/index.js';
export { Random } from './random.js';
