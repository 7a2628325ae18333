import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { layoutLength } from '#learning';
import { chooseBackend, evaluate, layoutOf, modelFromTopology, setParameters, tf } from '#tensorflow';

import { loadDigits, selectExamples, splitTest, toInput, type Examples } from '../data/index.js';
import { initialParameters, MODELS, trainLocally, type ModelName } from './index.js';

let directory: string;
let train: Examples;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'training-'));
  ({ train } = splitTest(await loadDigits(directory), 1));
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
  // Kills: a pull towards zero; a pull of the wrong strength; anchors that move along.
  it('[LRN24] FedProx’s pull keeps a device near the round’s model: a first step is the same, a strong pull stays', async () => {
    const model = await modelFromTopology(MODELS.mlp.topology);
    const start = initialParameters('mlp', 1);
    const drift = (proximalMu: number, digits: Examples): number => {
      const trained = trainLocally(model, start, digits, { ...settings, proximalMu });
      return Math.hypot(...trained.map((value, j) => value - start[j]!));
    };
    const tensors = tf.memory().numTensors;
    const one = first(settings.batchSize);
    // One pass is one step here, and at its beginning there is nothing to pull back.
    expect(trainLocally(model, start, one, { ...settings, localEpochs: 1, proximalMu: 3 })).toEqual(
      trainLocally(model, start, one, { ...settings, localEpochs: 1 }),
    );
    const [free, held] = [drift(0, first(150)), drift(4, first(150))];
    expect(held).toBeLessThan(0.5 * free);
    expect(held).toBeGreaterThan(0);
    expect(tf.memory().numTensors).toBe(tensors);
    model.dispose();
  });

  it.each(names)('%s: learns, repeats itself bit by bit, and leaves no tensor behind', async (name) => {
    const model = await modelFromTopology(MODELS[name].topology);
    const start = initialParameters(name, 1);
    const digits = first(150);
    const once = trainLocally(model, start, digits, settings);
    const tensors = tf.memory().numTensors;
    // Kills the mutant that trains on from what the model held: the second call starts from another state.
    const again = trainLocally(model, start, digits, settings);
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
