import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Tensor } from '@tensorflow/tfjs-core';

import { layoutLength, toLayersFormat, WEIGHTS_FILE, type Topology } from '#learning';

import { chooseBackend, evaluate, getParameters, layoutOf, modelFromTopology, setParameters, tf } from './index.js';

const layer = (class_name: string, config: Record<string, unknown>) => ({ class_name, config });

const topology: Topology = {
  class_name: 'Sequential',
  config: {
    name: 'small',
    layers: [
      layer('Conv2D', {
        name: 'conv',
        filters: 2,
        kernel_size: [3, 3],
        padding: 'same',
        activation: 'relu',
        batch_input_shape: [null, 4, 4, 1],
      }),
      layer('Flatten', { name: 'flatten' }),
      layer('Dense', { name: 'logits', units: 3 }),
    ],
  },
};
const codeOf = (code: string) => expect.objectContaining({ code });
const ramp = (length: number): Float32Array => Float32Array.from({ length }, (_, j) => Math.sin(j));

beforeAll(async () => void (await chooseBackend()));

describe('models', () => {
  it('[TFJ5] have the same layout however often a process builds them', async () => {
    // Kills the mutant that takes the unique name: the second model would be 'conv/kernel_1'.
    for (let i = 0; i < 2; i++) {
      const model = await modelFromTopology(topology);
      expect(layoutOf(model)).toEqual([
        { name: 'conv/kernel', shape: [3, 3, 1, 2] },
        { name: 'conv/bias', shape: [2] },
        { name: 'logits/kernel', shape: [32, 3] },
        { name: 'logits/bias', shape: [3] },
      ]);
      model.dispose();
    }
  });

  it('[TFJ5] are refused when no model is described, or not all of it is trained', async () => {
    await expect(modelFromTopology({ class_name: 'Nothing', config: {} })).rejects.toThrow(codeOf('malformed_model'));
    const layers = [layer('BatchNormalization', { name: 'norm', batch_input_shape: [null, 4] })];
    const normalised = { class_name: 'Sequential', config: { name: 'n', layers } };
    await expect(modelFromTopology(normalised)).rejects.toThrow(codeOf('malformed_model'));
  });

  it('[TFJ6] give back the parameters they were given, and leave no tensor behind', async () => {
    const model = await modelFromTopology(topology);
    const flat = ramp(layoutLength(layoutOf(model)));
    const before = tf.memory().numTensors;
    for (let i = 0; i < 3; i++) setParameters(model, flat);
    expect(getParameters(model)).toEqual(flat);
    expect(tf.memory().numTensors).toBe(before);
    expect(() => setParameters(model, flat.subarray(1))).toThrow(codeOf('dimension_mismatch'));
  });

  it('[TFJ7] open in tf.loadLayersModel and predict the same', async () => {
    const model = await modelFromTopology(topology);
    const layout = layoutOf(model);
    const flat = ramp(layoutLength(layout));
    setParameters(model, flat);
    const { modelJson, weights } = toLayersFormat(topology, layout, flat);
    expect(modelJson.weightsManifest[0]!.paths).toEqual([WEIGHTS_FILE]);

    const { modelTopology, weightsManifest } = JSON.parse(JSON.stringify(modelJson)) as typeof modelJson;
    const weightData = new Uint8Array(weights).buffer;
    const artifacts = { modelTopology, weightSpecs: [...weightsManifest[0]!.weights], weightData };
    const opened = await tf.loadLayersModel({ load: () => Promise.resolve(artifacts) });
    const x = tf.tensor(ramp(2 * 16), [2, 4, 4, 1]);
    expect((opened.predict(x) as Tensor).dataSync()).toEqual((model.predict(x) as Tensor).dataSync());
    expect(() => toLayersFormat(topology, layout, flat.subarray(1))).toThrow(codeOf('dimension_mismatch'));
  });
});

describe('evaluate', () => {
  const identity: Topology = {
    class_name: 'Sequential',
    config: { name: 'id', layers: [layer('Dense', { name: 'l', units: 2, batch_input_shape: [null, 2] })] },
  };

  it('[TFJ8] counts hits and averages the loss over all images, also past one batch', async () => {
    const model = await modelFromTopology(identity);
    setParameters(model, Float32Array.of(1, 0, 0, 1, 0, 0));
    // 600 images: two in three have their label's logit above the other by 1.
    const images = Float32Array.from({ length: 1200 }, (_, i) => (i % 2 === 0 ? 1 : 0));
    const labels = Uint8Array.from({ length: 600 }, (_, i) => (i % 3 === 2 ? 1 : 0));
    const before = tf.memory().numTensors;
    const { accuracy, loss } = evaluate(model, images, labels);
    expect(accuracy).toBeCloseTo(2 / 3, 10);
    expect(loss).toBeCloseTo((2 * Math.log(1 + Math.exp(-1)) + Math.log(1 + Math.E)) / 3, 5);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('[TFJ8] refuses images that do not fit the labels', async () => {
    const model = await modelFromTopology(identity);
    expect(() => evaluate(model, new Float32Array(3), new Uint8Array(2))).toThrow(codeOf('wrong_length'));
    expect(() => evaluate(model, new Float32Array(0), new Uint8Array(0))).toThrow(codeOf('wrong_length'));
  });
});
