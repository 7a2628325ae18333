import '@tensorflow/tfjs-backend-wasm';

import { isKnownStepRight } from './known-step.js';
import { tf, type TensorFlow } from './tf.js';
import { registerWasmKernels } from './wasm-kernels.js';

export type BackendName = 'tensorflow' | 'wasm';

export interface Backend {
  readonly tf: TensorFlow;
  readonly name: BackendName;
}

let chosen: Promise<Backend> | undefined;

/**
 * Chooses, once a thread, what computes: the native TensorFlow of `@tensorflow/tfjs-node` when it is
 * installed and trains one known step right, else WebAssembly.
 *
 * Whether the import works says nothing: tfjs-node 4.22 imports on Node ≥ 23 and throws at the first op.
 *
 * @throws Error when neither backend computes the known step
 */
export function chooseBackend(): Promise<Backend> {
  chosen ??= (async () => ((await useNative()) ? { tf, name: 'tensorflow' } : await useWasm()))();
  return chosen;
}

async function useNative(): Promise<boolean> {
  try {
    // Optional, so not a literal: the compiler need not find it.
    const packageName = '@tensorflow/tfjs-node';
    await import(packageName);
    // False when tfjs-node brought a second tfjs-core: its backend is then unknown to ours.
    return (await tf.setBackend('tensorflow')) && isKnownStepRight(tf);
  } catch {
    return false;
  }
}

async function useWasm(): Promise<Backend> {
  await tf.setBackend('wasm');
  await tf.ready();
  // tfjs falls back to the plain JavaScript backend in silence: 70 times slower on convolutions.
  if (tf.getBackend() !== 'wasm') throw new Error(`the wasm backend did not start, got ${tf.getBackend()}`);
  registerWasmKernels(tf);
  if (!isKnownStepRight(tf)) throw new Error('the wasm backend does not compute a known training step');
  return { tf, name: 'wasm' };
}
