import { coordinateMedian, encodeInt64LE, measureInt32LE, trimmedMean, type Contribution } from '#learning';

import { checkCut, checkRows, lengthOf, outOfRange } from './check-slice.js';
import type { FoldKernel, Slice, SumBounds } from './kernel.js';

/** The reference: what the other kernel is held against, and what computes where it cannot. */
export const plainKernel: FoldKernel = {
  name: 'plain',

  sum: (slice: Slice, { weights, maxCoordinate }: SumBounds, into: Uint8Array): void => {
    const sum = new Float64Array(into.length / 8);
    checkRows(slice, sum.length);
    slice.forEach((row, i) => {
      const weight = weights[i]!;
      for (let j = 0; j < row.length; j++) {
        if (row[j]! > maxCoordinate || row[j]! < -maxCoordinate) throw outOfRange(maxCoordinate);
        sum[j]! += weight * row[j]!;
      }
    });
    encodeInt64LE(sum, into);
  },

  median: (slice) => {
    lengthOf(slice);
    return coordinateMedian.combine(unweighted(slice));
  },

  trimmedMean: (slice, cut) => {
    lengthOf(slice);
    checkCut(cut, slice.length);
    // A share between those of `cut` and of `cut` + 1, so that no rounding makes it another number.
    return trimmedMean((cut + 0.25) / slice.length).combine(unweighted(slice));
  },

  measure: measureInt32LE,
};

const unweighted = (slice: Slice): Contribution[] => slice.map((delta) => ({ delta, weight: 1 }));
