import { describe, expect, it } from '@jest/globals';

import { plainKernel, wasmKernel } from '#fold';

import { normQuantiles, UpdateNorms } from './update-norms.js';

describe('update norms', () => {
  // Kills: a slice that is counted for another update, or not at all; norms in the order of the list.
  it.each([plainKernel, wasmKernel()])(
    '[MET4] are gathered over slices, and no order tells whose they are: $name',
    (kernel) => {
      const norms = new UpdateNorms(kernel, 3);
      norms.add([Int32Array.of(3, 0), Int32Array.of(0, -1), Int32Array.of(2, 2)]);
      norms.add([Int32Array.of(4), Int32Array.of(0), Int32Array.of(-1)]);
      expect(norms.sorted).toEqual([1, 9, 25]);
    },
  );

  // Kills: an index one off, squares without their root, grid units for real ones, all digits.
  it('[MET4] are given by nearest rank, in real units and three digits', () => {
    const squares = Array.from({ length: 100 }, (_, i) => (100 - i) ** 2);
    expect(normQuantiles(squares, 1)).toEqual([10, 25, 50, 75, 90]);
    expect(normQuantiles(squares, 1000)).toEqual([0.01, 0.025, 0.05, 0.075, 0.09]);
    expect(normQuantiles([2], 1)).toEqual([1.41, 1.41, 1.41, 1.41, 1.41]);
    expect(normQuantiles([0, 123_456 ** 2], 1)).toEqual([0, 0, 0, 123_000, 123_000]);
  });
});
