import { LearningError } from './errors.js';
import { layoutLength, type Layout } from './layout.js';

/** A Keras-style model description, `{ class_name, config, … }`, as `model.toJSON()` or Keras writes it. */
export type Topology = Readonly<Record<string, unknown>>;

/** Name under which `modelJson` expects to find the weights, beside itself. */
export const WEIGHTS_FILE = 'weights.bin';

/** A model as `tf.loadLayersModel` opens it: model.json and one file of weights. */
export interface LayersFormat {
  readonly modelJson: {
    readonly format: 'layers-model';
    readonly generatedBy: string;
    readonly convertedBy: null;
    readonly modelTopology: Topology;
    readonly weightsManifest: readonly WeightsGroup[];
  };
  /** float32 little-endian, layout order. */
  readonly weights: Uint8Array;
}

interface WeightsGroup {
  readonly paths: string[];
  readonly weights: { readonly name: string; readonly shape: number[]; readonly dtype: 'float32' }[];
}

/**
 * Writes a model in the TensorFlow.js layers format.
 *
 * @param flat  parameters in layout order, float32; not modified
 * @throws LearningError `dimension_mismatch`
 * @see https://www.tensorflow.org/js/guide/save_load
 */
export function toLayersFormat(topology: Topology, layout: Layout, flat: Float32Array): LayersFormat {
  if (flat.length !== layoutLength(layout)) {
    throw new LearningError('dimension_mismatch', `the layout holds ${layoutLength(layout)}, got ${flat.length}`);
  }
  const specs = layout.map(({ name, shape }) => ({ name, shape: [...shape], dtype: 'float32' as const }));
  const weights = new Uint8Array(4 * flat.length);
  const view = new DataView(weights.buffer);
  flat.forEach((value, j) => view.setFloat32(4 * j, value, true));
  return {
    modelJson: {
      format: 'layers-model',
      generatedBy: 'starling',
      convertedBy: null,
      modelTopology: topology,
      weightsManifest: [{ paths: [WEIGHTS_FILE], weights: specs }],
    },
    weights,
  };
}
