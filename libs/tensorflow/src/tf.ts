import * as core from '@tensorflow/tfjs-core';
import * as layersApi from '@tensorflow/tfjs-layers';

/**
 * TensorFlow.js as one object: core and layers, as the umbrella package offers them, without its 140 MB.
 * Importing layers also registers the gradients, which core alone lacks in Node.
 */
export const tf = { ...core, ...layersApi };
export type TensorFlow = typeof tf;
