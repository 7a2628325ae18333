import type { FoldKernel, Slice } from './kernel.js';
import { plainKernel } from './plain-kernel.js';

/** More than one piece, and not of whole lanes. */
const LENGTH = 4096 + 29;
const MAX_COORDINATE = 2 ** 26;

/**
 * Compares a kernel with the plain one on numbers that reach the ends of the largest grid, some milliseconds' work.
 *
 * @returns what differs, for people
 */
export function findFault(kernel: FoldKernel): string | undefined {
  for (const count of [1, 4, 35]) {
    const slice = cohort(count);
    const bounds = { weights: slice.map((_, i) => 1 + (i % 3)), maxCoordinate: MAX_COORDINATE };
    if (!agree((one) => sumOf(one, slice, bounds), kernel)) return `its sum of ${count} is wrong`;
    if (!agree((one) => one.median(slice), kernel)) return `its median of ${count} is wrong`;
    const cut = Math.floor((count - 1) / 3);
    if (!agree((one) => one.trimmedMean(slice, cut), kernel)) return `its trimmed mean of ${count} is wrong`;
  }
  // Of 2^18, so that the squares of all stay below 2^53.
  const bytes = new Uint8Array(Int32Array.from(cohort(1)[0]!, (q) => q >> 8).buffer);
  const agreed = agree((one) => Float64Array.from(Object.values(one.measure(bytes.subarray(4)))), kernel);
  return agreed ? undefined : 'its measure is wrong';
}

function agree(compute: (kernel: FoldKernel) => Float64Array | Uint8Array, kernel: FoldKernel): boolean {
  const [want, got] = [compute(plainKernel), compute(kernel)];
  return got.length === want.length && want.every((value, j) => got[j] === value);
}

function sumOf(kernel: FoldKernel, slice: Slice, bounds: Parameters<FoldKernel['sum']>[1]): Uint8Array {
  const into = new Uint8Array(8 * LENGTH);
  kernel.sum(slice, bounds, into);
  return into;
}

/** Always the same numbers; the ends of the range are among them. */
function cohort(count: number): Int32Array[] {
  let state = 1;
  return Array.from({ length: count }, () =>
    Int32Array.from({ length: LENGTH }, (_, j) => {
      state = (state * 48_271) % 2_147_483_647;
      return j % 7 === 0
        ? Math.sign((state % 2) - 0.5) * MAX_COORDINATE
        : (state % (2 * MAX_COORDINATE)) - MAX_COORDINATE;
    }),
  );
}
