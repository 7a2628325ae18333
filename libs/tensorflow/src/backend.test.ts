import { describe, expect, it } from '@jest/globals';

import { chooseBackend } from './index.js';
import { isKnownStepRight } from './known-step.js';
import type { TensorFlow } from './tf.js';

describe('chooseBackend', () => {
  it('[TFJ1] gives a backend that trains, and always the same', async () => {
    // Kills the mutant that trusts setBackend: tfjs falls back to cpu without a word.
    const backend = await chooseBackend();
    expect(['tensorflow', 'wasm']).toContain(backend.name);
    expect(backend.tf.getBackend()).toBe(backend.name);
    expect(isKnownStepRight(backend.tf)).toBe(true);
    expect(await chooseBackend()).toBe(backend);
  });

  it('[TFJ2] the known step notices a backend whose gradient is wrong', async () => {
    // Kills the mutant that accepts whatever imports.
    const { tf } = await chooseBackend();
    const crooked = { ...tf, grad: () => () => tf.tensor2d([[-0.5, 0.5], [-1, 0.9]]) } as unknown as TensorFlow; // prettier-ignore
    expect(isKnownStepRight(crooked)).toBe(false);
  });
});
