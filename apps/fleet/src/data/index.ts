export { CLASSES, loadDigits, PIXELS, selectDigits, splitTest, toInput, type Digits } from './digits.js';
export { partitionByLabel, type Partition } from './dirichlet.js';
export { deal, PartitionPlan } from './partition/index.js';
export { Random } from './random.js';
