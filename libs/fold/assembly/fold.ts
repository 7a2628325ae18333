/** What a round computes over slices of its updates, four to sixteen coordinates at a time. `src/wasm-kernel.ts` drives it. */
export { LINES, MOST_COORDINATES, RANKS, ROWS, ROWS_BYTES, WIDE } from './areas';
export { median, trimmedMean } from './ranks';
export { largestSize, measure, sumOfSquares } from './size';
export { addRows, clearSum, widen } from './sums';
