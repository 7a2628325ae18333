import type { Mutant } from './mutant.js';

/** Updates that are shorter than they were: what they say must still be what the device meant, and nothing else. */
export const ENCODINGS: readonly Mutant[] = [
  {
    name: 'lots are drawn for no fraction above a half',
    file: 'libs/learning/src/encodings/stochastic-rounding.ts',
    from: 'q[j] = isUp ? below + 1 : below;',
    to: 'q[j] = isUp || scaled(j) - below > 0.5 ? below + 1 : below;',
    tests: 'libs/learning/src/encodings',
    rules: ['LRN40'],
  },
  {
    name: 'a draw beyond the bound is sent all the same',
    file: 'libs/learning/src/encodings/stochastic-rounding.ts',
    from: 'return squares <= maxSquares ?',
    to: 'return squares <= maxSquares || squares > 0 ?',
    tests: 'libs/learning/src/encodings',
    rules: ['LRN41', 'LRN42'],
  },
  {
    name: 'what rounds by lot has the bound of what rounds to the nearest',
    file: 'libs/learning/src/encodings/stochastic-rounding.ts',
    from: 'return Math.min(clip + root, Math.sqrt(likely));',
    to: 'return Math.min(clip + root / 2, Math.sqrt(likely));',
    tests: 'libs/learning/src/encodings',
    rules: ['LRN42'],
  },
  {
    name: 'an index may come twice',
    file: 'libs/learning/src/encodings/entries.ts',
    from: 'index <= this.#last ||',
    to: 'index < this.#last ||',
    tests: 'libs/learning/src/encodings',
    rules: ['LRN45'],
  },
  {
    name: 'k − 1 entries are enough',
    file: 'libs/learning/src/encodings/top-k-check.ts',
    from: 'this.#bytes !== payloadLength',
    to: 'this.#bytes > payloadLength',
    tests: 'libs/learning/src/encodings',
    rules: ['LRN45'],
  },
  {
    name: 'the clip is spent on what does not travel',
    file: 'libs/learning/src/encodings/top-k.ts',
    from: 'toGridByLot(valuesAt(delta, indices),',
    to: 'toGridByLot(valuesAt(delta, indices).map((value) => value * Math.min(1, grid.clip / l2Norm(delta))),',
    tests: 'libs/learning/src/encodings',
    rules: ['LRN44'],
  },
  {
    name: 'a sparse row keeps what was in it',
    file: 'apps/worker/src/update-body.ts',
    from: '.subarray(0, count).fill(0);',
    to: '.subarray(0, count);',
    tests: 'apps/worker/src/update-body',
    rules: ['LRN46'],
  },
  {
    name: 'noise is that of int32 whatever the encoding',
    file: 'apps/worker/src/round-folder.ts',
    from: 'Math.max(...round.weightLevels), round.encoding)',
    to: 'Math.max(...round.weightLevels))',
    tests: 'test/e2e/encodings',
    rules: ['DPR40'],
  },
];
