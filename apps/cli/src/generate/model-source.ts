/** `src/model.ts`: the same for every use case; its types come from `src/use-case.ts`. */
export const MODEL_SOURCE = `import { encodingOf } from '@starling/client';

import { CLIP, DIMENSION, ENCODING, LAYOUT, SCALE, type TensorName } from './use-case.js';

/** The model's numbers by the names of its tensors. */
export type Tensors = { readonly [N in TensorName]: Float32Array };

/** Views: what is written to a tensor is written to the vector. */
export function tensorsOf(flat: Float32Array): Tensors {
  if (flat.length !== DIMENSION) throw new RangeError(\`the model has \${DIMENSION} numbers, not \${flat.length}\`);
  const views = LAYOUT.map(({ name, offset, length }) => [name, flat.subarray(offset, offset + length)]);
  return Object.fromEntries(views) as Tensors;
}

/** One vector in the order of the layout; a copy. */
export function vectorOf(tensors: Tensors): Float32Array {
  const flat = new Float32Array(DIMENSION);
  for (const { name, offset, length } of LAYOUT) {
    const tensor = tensors[name];
    if (tensor.length !== length) throw new RangeError(\`\${name} has \${length} numbers, not \${tensor.length}\`);
    flat.set(tensor, offset);
  }
  return flat;
}

export function changeOf(after: Float32Array, before: Float32Array): Float64Array {
  return Float64Array.from(after, (value, j) => value - before[j]!);
}

export const normOf = (vector: ArrayLike<number>): number => {
  let squares = 0;
  for (let j = 0; j < vector.length; j++) squares += vector[j]! ** 2;
  return Math.sqrt(squares);
};

const encoding = encodingOf(ENCODING, DIMENSION);
const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));

/** A change as it leaves the device: clipped, rounded to the grid, written down. The device library does the same by itself. */
export const encode = (change: Float64Array): Uint8Array => encoding.encode(change, { clip: CLIP, scale: SCALE }, random);

/** What the servers read of it. */
export const decode = (payload: Uint8Array): Float64Array =>
  Float64Array.from(encoding.decode(payload), (value) => value / SCALE);
`;

/** `test/model.test.ts`: passes without any server. */
export const TEST_SOURCE = `import assert from 'node:assert/strict';
import { test } from 'node:test';

import { changeOf, decode, encode, normOf, tensorsOf, vectorOf } from '../src/model.js';
import { CLIP, DIMENSION, ENCODING, LAYOUT, PAYLOAD_BYTES, SCALE } from '../src/use-case.js';

/** Numbers of both signs, some of them large. */
const wave = (norm: number): Float32Array => {
  const vector = Float32Array.from({ length: DIMENSION }, (_, j) => Math.sin(j + 1) * (j % 7));
  const length = normOf(vector);
  return vector.map((value) => (length === 0 ? 0 : (value * norm) / length));
};
const isSparse = typeof ENCODING === 'object';

test('the tensors of the layout lie one after the other and are the whole model', () => {
  let offset = 0;
  for (const tensor of LAYOUT) {
    assert.equal(tensor.offset, offset);
    assert.equal(tensor.length, [1, ...tensor.shape].reduce((product, size) => product * size));
    offset += tensor.length;
  }
  assert.equal(offset, DIMENSION);
});

test('tensors by name are the vector, and the vector is the tensors', () => {
  const flat = wave(1);
  assert.deepEqual(vectorOf(tensorsOf(flat)), flat);
  assert.throws(() => tensorsOf(new Float32Array(DIMENSION + 1)), RangeError);
});

test('a change within the clip comes back to within a step of the grid', () => {
  const before = new Float32Array(DIMENSION);
  const change = changeOf(wave(CLIP / 2), before);
  const payload = encode(change);
  assert.equal(payload.length, PAYLOAD_BYTES);
  const back = decode(payload);
  for (let j = 0; j < DIMENSION; j++) {
    if (isSparse && back[j] === 0) continue;
    assert.ok(Math.abs(back[j]! - change[j]!) <= 1 / SCALE, \`number \${j}\`);
  }
});

test('a change beyond the clip is cut down to it', () => {
  const norm = normOf(decode(encode(Float64Array.from(wave(10 * CLIP)))));
  // Rounding moves each number by less than a step.
  assert.ok(norm <= CLIP + Math.sqrt(DIMENSION) / SCALE, \`norm \${norm}\`);
});
`;
