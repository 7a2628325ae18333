import {
  BIRD_STRIKE_FEATURES,
  CLASSES,
  LANGUAGES,
  loadBirdStrikes,
  loadDigits,
  loadLanguages,
  PIXELS,
  splitTest,
  TRIGRAM_BUCKETS,
  type Examples,
} from '../data/index.js';
import { glorotUniform, MODELS, perceptron, type ModelDefinition } from '../training/index.js';

export const TASK_NAMES = ['digits-mlp', 'digits-cnn', 'digits-softmax', 'languages', 'bird-strikes'] as const;
export type TaskName = (typeof TASK_NAMES)[number];

/** What devices learn: examples, and a model that gives a logit a class. */
export interface Task extends ModelDefinition {
  /** inputs are images of 28 × 28, of ten classes */
  readonly isDigits: boolean;
  /** float32, layout order; depends on the seed alone */
  initialParameters(seed: number): Float32Array;
  /** @returns what devices learn from, and what no device sees */
  load(cacheDirectory: string, seed: number): Promise<{ readonly train: Examples; readonly test: Examples }>;
}

function task(name: string, model: ModelDefinition, load: (cacheDirectory: string) => Promise<Examples>): Task {
  return {
    ...model,
    isDigits: load === loadDigits,
    initialParameters: (seed) => glorotUniform(model.layout, seed, name),
    load: async (cacheDirectory, seed) => splitTest(await load(cacheDirectory), seed),
  };
}

export const TASKS: Readonly<Record<TaskName, Task>> = {
  'digits-mlp': task('mlp', MODELS.mlp, loadDigits),
  'digits-cnn': task('cnn', MODELS.cnn, loadDigits),
  // So small that noise on it stays small: 7,850 parameters.
  'digits-softmax': task('softmax', perceptron('softmax', PIXELS, [], CLASSES), loadDigits),
  languages: task('languages', perceptron('languages', TRIGRAM_BUCKETS, [], LANGUAGES.length), loadLanguages),
  'bird-strikes': task('bird-strikes', perceptron('bird-strikes', BIRD_STRIKE_FEATURES, [32], 2), loadBirdStrikes),
};
