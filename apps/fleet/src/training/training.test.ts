import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { layoutLength } from '#learning';
import { chooseBackend, evaluate, layoutOf, modelFromTopology, setParameters, tf } from '#tensorflow';

import { loadDigits, selectExamples, splitTest, toInput, type Examples } from '../data/index.js';
import { initialParameters, MODELS, simulate, trainLocally, TrainingPool, type ModelName } from './index.js';

let directory: string;
let train: Examples;
let test: Examples;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'training-'));
  ({ train, test } = splitTest(await loadDigits(directory), 1));
  await chooseBackend();
});
afterAll(() => rm(directory, { recursive: true }));

const names: ModelName[] = ['mlp', 'cnn'];
const settings = { localEpochs: 2, batchSize: 16, learningRate: 0.2, seed: 1 };
const first = (count: number): Examples =>
  selectExamples(
    train,
    Array.from({ length: count }, (_, i) => i),
  );

describe('models', () => {
  it.each(names)('%s: the written layout is the built one', async (name) => {
    const model = await modelFromTopology(MODELS[name].topology);
    expect(layoutOf(model)).toEqual(MODELS[name].layout);
    model.dispose();
  });

  it.each(names)('%s: initial parameters depend on the seed alone, biases are zero', (name) => {
    const parameters = initialParameters(name, 5);
    expect(parameters).toEqual(initialParameters(name, 5));
    expect(parameters).not.toEqual(initialParameters(name, 6));
    expect(parameters.length).toBe(layoutLength(MODELS[name].layout));
    expect([...parameters.slice(-10)]).toEqual(new Array(10).fill(0));
  });
});

describe('trainLocally', () => {
  it.each(names)('%s: learns, repeats itself bit by bit, and leaves no tensor behind', async (name) => {
    const model = await modelFromTopology(MODELS[name].topology);
    const start = initialParameters(name, 1);
    const digits = first(150);
    const once = trainLocally(model, start, examples, settings);
    const tensors = tf.memory().numTensors;
    // Kills the mutant that trains on from what the model held: the second call starts from another state.
    const again = trainLocally(model, start, examples, settings);
    expect(again).toEqual(once);
    expect(trainLocally(model, start, digits, { ...settings, seed: 2 })).not.toEqual(once);
    expect(tf.memory().numTensors).toBe(tensors);
    expect(start).toEqual(initialParameters(name, 1));

    const images = toInput(digits.inputs);
    setParameters(model, once);
    const after = evaluate(model, images, digits.labels);
    setParameters(model, start);
    expect(after.loss).toBeLessThan(evaluate(model, images, digits.labels).loss / 1.1);
  });
});

describe('simulated federated averaging', () => {
  const simulation = {
    seed: 3,
    rounds: 2,
    devices: 6,
    participants: 5,
    alpha: 0.5,
    grid: { scale: 2 ** 16, clip: 8 },
    training: { localEpochs: 2, batchSize: 20, learningRate: 0.2 },
    strategy: { name: 'FedAvgM', momentum: 0.6 },
  };

  it.each(names)(
    '%s: the model is bit-identical whatever the number of threads, and better than chance',
    async (name) => {
      const digits = first(600);
      const results: Float32Array[] = [];
      for (const threads of [1, 2]) {
        const pool = new TrainingPool(threads);
        for await (const { round, parameters } of simulate({ ...simulation, model: name }, digits, pool)) {
          if (round === 2) results.push(parameters);
        }
        await pool.close();
      }
      expect(results[1]).toEqual(results[0]);
      const model = await modelFromTopology(MODELS[name].topology);
      setParameters(model, results[0]!);
      expect(evaluate(model, toInput(test.inputs), test.labels).accuracy).toBeGreaterThan(0.3);
    },
  );
});
