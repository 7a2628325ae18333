import { describe, expect, it } from '@jest/globals';

import {
  fedAdagrad,
  fedAdam,
  fedAvgM,
  fedYogi,
  initialState,
  plainStep,
  pullTowards,
  type OptimizerState,
  type ServerOptimizer,
} from '../index.js';

const codeOf = (code: string) => expect.objectContaining({ code });

/** The one parameter of a model after some aggregates, from zero. */
function walk(optimizer: ServerOptimizer, ...aggregates: readonly number[]): number[] {
  let [x, state]: [Float64Array, OptimizerState] = [new Float64Array(1), initialState(1)];
  return aggregates.map((aggregate) => {
    ({ x, state } = optimizer.step(x, Float64Array.of(aggregate), state));
    return x[0]!;
  });
}

describe('server optimizers', () => {
  it('[LRN23] FedAvgM: velocity by the book', () => {
    expect(walk(fedAvgM(), 1, 2)).toEqual([1, 3]);
    expect(walk(fedAvgM({ learningRate: 2, momentum: 0.5 }), 1, 1, 1)).toEqual([2, 5, 8.5]);
  });

  it('[LRN23] FedAdam: two rounds by hand, with the correction of the round after', () => {
    const [first, second] = walk(fedAdam({ learningRate: 1, beta1: 0.5, beta2: 0.75, tau: 0.5 }), 2, 0);
    // Round 1: m = 1, v = 1, η = √(1 − 0.75²)/(1 − 0.5²); round 2: m = 0.5, v = 0.75, η = √(1 − 0.75³)/(1 − 0.5³).
    const x1 = (Math.sqrt(0.4375) / 0.75) * (1 / 1.5);
    expect(first).toBeCloseTo(x1, 12);
    expect(second).toBeCloseTo(x1 + (Math.sqrt(0.578125) / 0.875) * (0.5 / (Math.sqrt(0.75) + 0.5)), 12);
  });

  it('[LRN23] FedYogi: the second moment grows by (1 − β₂)·Δ², and shrinks by it when it is above', () => {
    const [first, second] = walk(fedYogi({ learningRate: 1, beta1: 0, beta2: 0.75, tau: 1 }), 2, 0.5);
    expect(first).toBeCloseTo(2 / (1 + 1), 12); // v = 0.25·4 = 1
    expect(second).toBeCloseTo(1 + 0.5 / (Math.sqrt(1 - 0.25 * 0.25) + 1), 12);
  });

  it('[LRN23] FedAdagrad: squares add up', () => {
    const [first, second] = walk(fedAdagrad({ learningRate: 1, tau: 1 }), 3, 4);
    expect([first, second]).toEqual([3 / 4, 3 / 4 + 4 / 6]);
  });

  it('[LRN23] nothing that came in is changed; rates out of bounds, other lengths and models that are not finite are refused', () => {
    const [x, aggregate, state] = [Float64Array.of(1), Float64Array.of(1), initialState(1)];
    for (const optimizer of [plainStep, fedAvgM(), fedAdam()]) optimizer.step(x, aggregate, state);
    expect([x[0], aggregate[0], state.m[0], state.v[0], state.rounds]).toEqual([1, 1, 0, 0, 0]);
    for (const wrong of [{ beta1: 1 }, { beta2: -0.1 }, { tau: 0 }, { learningRate: NaN }])
      expect(() => fedAdam(wrong)).toThrow(codeOf('bad_strategy'));
    expect(() => fedAvgM({ momentum: 1 })).toThrow(codeOf('bad_strategy'));
    expect(() => fedAvgM().step(x, new Float64Array(2), state)).toThrow(codeOf('dimension_mismatch'));
    expect(() => fedAvgM().step(Float64Array.of(1e308), Float64Array.of(1e308), state)).toThrow(codeOf('not_finite'));
  });

  it('[LRN24] FedProx pulls a device towards the round’s model by η·μ of the way', () => {
    const w = Float32Array.of(3, -1);
    pullTowards(w, Float32Array.of(1, -1), 0.25);
    expect([...w]).toEqual([2.5, -1]);
    expect(() => pullTowards(w, Float32Array.of(1, 1), 1)).toThrow(codeOf('bad_strategy'));
  });
});
