import type { Layout } from '#learning';
import type { Topology } from '#tensorflow';

import { CLASSES, loadDigits, PIXELS, splitTest, type Examples } from '../data/index.js';
import { glorotUniform, initialParameters, MODELS } from '../training/index.js';

export const TASK_NAMES = ['digits-mlp', 'digits-cnn', 'digits-softmax'] as const;
export type TaskName = (typeof TASK_NAMES)[number];

/** What devices learn: examples, and a model that gives a logit a class. */
export interface Task {
  readonly topology: Topology;
  readonly layout: Layout;
  /** float32, layout order; depends on the seed alone */
  initialParameters(seed: number): Float32Array;
  /** @returns what devices learn from, and what no device sees */
  load(cacheDirectory: string, seed: number): Promise<{ readonly train: Examples; readonly test: Examples }>;
}

const digits = {
  load: async (cacheDirectory: string, seed: number) => splitTest(await loadDigits(cacheDirectory), seed),
};

/** Softmax regression, 7,850 parameters: a model so small that noise on it stays small. */
const SOFTMAX: Pick<Task, 'topology' | 'layout'> = {
  topology: {
    class_name: 'Sequential',
    config: {
      name: 'softmax',
      layers: [
        {
          class_name: 'Dense',
          config: {
            ...{ name: 'logits', units: CLASSES, activation: 'linear', use_bias: true },
            batch_input_shape: [null, PIXELS],
          },
        },
      ],
    },
  },
  layout: [
    { name: 'logits/kernel', shape: [PIXELS, CLASSES] },
    { name: 'logits/bias', shape: [CLASSES] },
  ],
};

export const TASKS: Readonly<Record<TaskName, Task>> = {
  'digits-mlp': { ...digits, ...MODELS.mlp, initialParameters: (seed) => initialParameters('mlp', seed) },
  'digits-cnn': { ...digits, ...MODELS.cnn, initialParameters: (seed) => initialParameters('cnn', seed) },
  'digits-softmax': {
    ...digits,
    ...SOFTMAX,
    initialParameters: (seed) => glorotUniform(SOFTMAX.layout, seed, 'softmax'),
  },
};
