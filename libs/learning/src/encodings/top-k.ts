import { LearningError } from '../errors.js';
import { measureInt32LE } from '../grid-check.js';
import { deltaOf, l2Norm, type Grid } from '../grid.js';
import type { SparseEncoding } from './encoding.js';
import { encodeEntries, ENTRY_BYTES, EntryReader } from './entries.js';
import { INT16 } from './int16.js';
import { checkFits } from './narrow.js';
import { checkPayload } from './payload.js';
import { maxStochasticNorm, toGridByLot } from './stochastic-rounding.js';
import { TopKCheck } from './top-k-check.js';

/**
 * The k coordinates of largest |Δ|, where two are equal the earlier one; then clipped, so that the clip is spent on what
 * travels, and rounded by lot. Always k entries, also where fewer coordinates moved: every payload has one size.
 *
 * A value has two bytes: the index beside it has four, so one byte would save a sixth and cost 256 times the precision.
 * Nothing is remembered of what was left out: a device that carried its error over would have its updates know
 * each other.
 *
 * @throws LearningError `bad_grid` for a k that is none, or above d
 */
export function topKEncoding(k: number, dimension: number): SparseEncoding {
  if (!(Number.isSafeInteger(k) && k >= 1 && k <= dimension)) {
    throw new LearningError('bad_grid', `the largest ${k} of ${dimension} numbers`);
  }
  const payloadLength = ENTRY_BYTES * k;
  const maxNorm = (grid: Grid): number => {
    checkFits(INT16, grid);
    return maxStochasticNorm(grid, k);
  };
  const norm: SparseEncoding['norm'] = (delta) => l2Norm(valuesAt(delta, largestOf(delta, k)));
  const encode: SparseEncoding['encode'] = (delta, grid, random) => {
    checkFits(INT16, grid);
    if (!Number.isFinite(l2Norm(delta))) throw new LearningError('not_finite', 'the delta is not finite');
    const indices = largestOf(delta, k);
    const values = toGridByLot(valuesAt(delta, indices), grid, random);
    return encodeEntries({ indices, values });
  };
  return {
    kind: 'sparse',
    payloadLength,
    maxNorm,
    norm,
    normOfChange: (after, before) => norm(deltaOf(after, before)),
    encode,
    encodeChange: ({ after, before }, grid, random) => encode(deltaOf(after, before), grid, random),
    check: (grid, measure = measureInt32LE) =>
      new TopKCheck(grid, { payloadLength, dimension, maxNorm: maxNorm(grid), measure }),
    decode: (payload) => {
      const reader = new EntryReader(dimension);
      const { indices, values } = reader.read(checkPayload(payload, payloadLength));
      if (!reader.isOrdered) throw new LearningError('out_of_order', 'indices that do not ascend');
      const q = new Int32Array(dimension);
      indices.forEach((j, i) => (q[j] = values[i]!));
      return q;
    },
    entries: () => new EntryReader(dimension),
  };
}

const valuesAt = (x: Float32Array | Float64Array, indices: Uint32Array): Float64Array =>
  Float64Array.from(indices, (j) => x[j]!);

/** Indices of the k largest |x|, ascending. */
function largestOf(x: Float32Array | Float64Array, k: number): Uint32Array {
  const sizes = new Float64Array(x.length);
  for (let j = 0; j < sizes.length; j++) sizes[j] = Math.abs(x[j]!);
  const sorted = sizes.slice().sort();
  const least = sorted[sorted.length - k]!;
  let equals = 0;
  for (let i = sorted.length - k; sorted[i] === least; i++) equals++;
  const indices = new Uint32Array(k);
  for (let j = 0, i = 0; i < k; j++) {
    if (sizes[j]! > least || (sizes[j] === least && equals-- > 0)) indices[i++] = j;
  }
  return indices;
}
