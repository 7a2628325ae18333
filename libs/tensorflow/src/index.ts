export type { Scalar, Tensor, Variable } from '@tensorflow/tfjs-core';
export type { LayersModel } from '@tensorflow/tfjs-layers';
export { chooseBackend, type Backend, type BackendName } from './backend.js';
export { descend, selectBatch, variablesOf, type Batch, type Step } from './descent.js';
export { evaluate, inputShapeOf, type Evaluation } from './evaluate.js';
export { getParameters, layoutOf, modelFromTopology, setParameters } from './model.js';
export { tf, type TensorFlow } from './tf.js';
export type { Topology } from '#learning';
