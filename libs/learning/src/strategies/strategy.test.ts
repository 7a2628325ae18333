import { describe, expect, it } from '@jest/globals';

import {
  BOOK,
  decodeOptimizerState,
  defineStrategy,
  encodeOptimizerState,
  fedAdam,
  fedAvgM,
  initialState,
  leastCohort,
  plainStep,
  Strategies,
  type StrategyChoice,
} from '../index.js';

const codeOf = (code: string) => expect.objectContaining({ code });
const book = new Strategies(BOOK);

describe('strategies by name', () => {
  /** With what an option must be given, where it has no default. */
  const CHOICES: readonly StrategyChoice[] = [
    { name: 'FedAvg' },
    { name: 'FedAvgM', momentum: 0.5 },
    { name: 'FedAdam', learningRate: 0.03 },
    { name: 'FedYogi' },
    { name: 'FedAdagrad' },
    { name: 'FedProx', mu: 0.1 },
    { name: 'FedBuff', maxStaleness: 2 },
    { name: 'QFedAvg', clientLearningRate: 0.1 },
    { name: 'FedMedian' },
    { name: 'FedTrimmedAvg' },
    { name: 'Krum', malicious: 1 },
    { name: 'MultiKrum', malicious: 1, selected: 3 },
    { name: 'Bulyan', malicious: 1 },
    { name: 'GeometricMedian' },
    { name: 'NormBoundedMean', bound: 2 },
  ];

  it('[STR1] the book has each of them once, and each can be made', () => {
    expect(CHOICES.map(({ name }) => name)).toEqual(book.names);
    for (const choice of CHOICES) expect(book.make(choice).optimizer.moments).toBeGreaterThanOrEqual(0);
    expect(() => new Strategies([...BOOK, BOOK[0]!])).toThrow(codeOf('bad_strategy'));
  });

  // Kills: options that are silently left out, which make another strategy than was asked for.
  it.each([
    { choice: { name: 'FedNothing' }, says: /no strategy FedNothing. There are FedAvg, / },
    { choice: { name: 'FedAvg', momentum: 0.9 }, says: /FedAvg has no option momentum. It has none./ },
    { choice: { name: 'Krum' }, says: /Krum needs a number for malicious/ },
    { choice: { name: 'FedAvgM', momentum: 'much' }, says: /FedAvgM needs a number for momentum/ },
    { choice: { name: 'FedTrimmedAvg', beta: 0.5 + Number.EPSILON }, says: /beta of 0.5/ },
    { choice: { name: 'GeometricMedian', steps: 1e9 }, says: /1000000000 steps/ },
    { choice: { name: 'FedProx', mu: -1 }, says: /mu of -1/ },
    { choice: { name: 'FedBuff', maxStaleness: 8 }, says: /maxStaleness of 8: it is a whole number of 0 to 7/ },
    { choice: { name: 'FedBuff', maxStaleness: 1.5 }, says: /maxStaleness of 1.5/ },
    { choice: { name: 'FedBuff', serverLearningRate: 0 }, says: /serverLearningRate of 0/ },
  ] as { choice: StrategyChoice; says: RegExp }[])('[STR1] refuses $choice.name in a sentence', ({ choice, says }) => {
    expect(() => book.make(choice)).toThrow(
      expect.objectContaining({ code: 'bad_strategy', message: expect.stringMatching(says) }),
    );
  });

  it('[STR2] one that a researcher wrote stands beside them', () => {
    const own = defineStrategy({
      name: 'Half',
      options: { factor: 0.5 },
      make: ({ factor }) => ({
        aggregator: {
          reads: 'slices',
          combine: ([first]) => Float64Array.from(first!.delta, (value) => factor * value),
        },
        optimizer: plainStep,
      }),
    });
    const { aggregator } = new Strategies([...BOOK, own]).make({ name: 'Half', factor: 0.25 });
    if (aggregator.reads !== 'slices') throw new Error('it reads slices');
    expect([...aggregator.combine([{ delta: Int32Array.of(8), weight: 1 }])]).toEqual([2]);
  });

  it('[STR3] says how few updates it takes', () => {
    expect(CHOICES.map((choice) => leastCohort(book.make(choice)))).toEqual([
      ...[1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
      ...[5, 5, 7, 1, 1],
    ]);
  });
});

describe('what an optimizer carries on', () => {
  it('[STR4] is the same after bytes as before', () => {
    const [x, delta] = [Float64Array.of(1, -2), Float64Array.of(0.25, 1e-300)];
    for (const optimizer of [fedAdam(), fedAvgM({ momentum: 0.9 })]) {
      const { state } = optimizer.step(x, delta, initialState(2));
      const bytes = encodeOptimizerState(state, optimizer.moments);
      expect(bytes).toHaveLength(8 + 16 * optimizer.moments);
      const again = decodeOptimizerState(bytes, optimizer, 2);
      expect(optimizer.step(x, delta, again)).toEqual(optimizer.step(x, delta, state));
    }
  });

  it('[STR4] of another optimizer or model, or not finite, it is refused', () => {
    const bytes = encodeOptimizerState(initialState(2), 2);
    for (const wrong of [
      () => decodeOptimizerState(bytes, fedAvgM(), 2),
      () => decodeOptimizerState(bytes, fedAdam(), 3),
    ])
      expect(wrong).toThrow(codeOf('malformed_model'));
    new DataView(bytes.buffer).setFloat64(8, NaN, true);
    expect(() => decodeOptimizerState(bytes, fedAdam(), 2)).toThrow(codeOf('not_finite'));
  });
});
