import '@tensorflow/tfjs-backend-cpu';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Tensor4D } from '@tensorflow/tfjs-core';

import { chooseBackend, tf } from './index.js';

let name: string;
beforeAll(async () => {
  ({ name } = await chooseBackend());
});
afterAll(() => tf.setBackend(name));

/** Runs on one backend; gives plain numbers. */
async function on(backend: string, compute: () => { dataSync(): ArrayLike<number> }): Promise<number[]> {
  await tf.setBackend(backend);
  return Array.from(tf.tidy(() => Array.from(compute().dataSync())));
}

/** Reproducible numbers in [-1, 1]. */
const wave = (length: number, phase: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => Math.sin(12.9898 * (i + phase)));

function expectClose(got: number[], want: number[]): void {
  expect(got.length).toBe(want.length);
  const worst = Math.max(...got.map((value, i) => Math.abs(value - want[i]!)));
  expect(worst).toBeLessThan(1e-4);
}

describe('convolution gradients', () => {
  const filters = [[3, 3], [5, 5], [1, 1], [2, 3]] as const; // prettier-ignore
  // Not stride [2, 1] with a numeric pad: tfjs-core 4.22 then takes one stride for both sides, and the wasm
  // forward pass writes beyond its output. Layers know only 'same' and 'valid'.
  const geometries = [
    { strides: 1, pad: 'same' },
    { strides: 1, pad: 'valid' },
    { strides: 1, pad: 1 },
    { strides: 2, pad: 'same' },
    { strides: 2, pad: 'valid' },
    { strides: 2, pad: 1 },
    { strides: [2, 1], pad: 'same' },
    { strides: [2, 1], pad: 'valid' },
  ] as const;
  const cases = geometries.flatMap((geometry) => filters.map((filter) => ({ ...geometry, filter })));

  it.each(cases)('[TFJ3] equal those of the cpu backend: stride $strides, pad $pad, filter $filter', async (c) => {
    const { strides, pad, filter } = c;
    const gradients = () => {
      const x = tf.tensor4d(wave(2 * 9 * 8 * 3, 1), [2, 9, 8, 3]);
      const w = tf.tensor4d(wave(filter[0] * filter[1] * 3 * 4, 2), [...filter, 3, 4]);
      const convolve = (a: Tensor4D, b: Tensor4D) => tf.conv2d(a, b, strides as number | [number, number], pad);
      const out = convolve(x, w);
      const dy = tf.tensor4d(wave(out.size, 3), out.shape);
      const [dx, dw] = tf.grads((a, b) => convolve(a as Tensor4D, b as Tensor4D))([x, w], dy);
      return tf.concat([tf.reshape(dx!, [-1]), tf.reshape(dw!, [-1])]);
    };
    expectClose(await on(name, gradients), await on('cpu', gradients));
  });
});

describe('matrix product', () => {
  it.each([
    { a: [3, 5], b: [5, 4], transposeA: false, transposeB: false },
    { a: [5, 3], b: [5, 4], transposeA: true, transposeB: false },
    { a: [3, 5], b: [4, 5], transposeA: false, transposeB: true },
    { a: [5, 3], b: [4, 5], transposeA: true, transposeB: true },
    { a: [2, 5, 3], b: [2, 4, 5], transposeA: true, transposeB: true },
  ])('[TFJ4] equals that of the cpu backend: $a × $b, $transposeA, $transposeB', async (c) => {
    const product = () => {
      const a = tf.tensor(wave(c.a.reduce((n, k) => n * k), 1), c.a); // prettier-ignore
      const b = tf.tensor(wave(c.b.reduce((n, k) => n * k), 2), c.b); // prettier-ignore
      return tf.matMul(a, b, c.transposeA, c.transposeB);
    };
    expectClose(await on(name, product), await on('cpu', product));
  });

  it('[TFJ4] leaves no memory behind', async () => {
    await tf.setBackend(name);
    const before = tf.memory().numDataBuffers;
    for (let i = 0; i < 5; i++) tf.tidy(() => tf.matMul(tf.ones([5, 3]), tf.ones([4, 5]), true, true).dataSync());
    expect(tf.memory().numDataBuffers).toBe(before);
  });
});
