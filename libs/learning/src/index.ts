export { LearningError, type LearningErrorCode } from './errors.js';
export { ExactSum } from './exact-sum.js';
export { checkGrid, l2Norm, maxCoordinate, maxNorm, MAX_COORDINATE, toGrid, type Grid } from './grid.js';
export { GridCheck } from './grid-check.js';
export { decodeInt32LE, encodeInt32LE } from './int32-bytes.js';
export {
  flatten,
  layoutLength,
  layoutOfTensors,
  shapeLength,
  unflatten,
  type Layout,
  type NamedTensor,
} from './layout.js';
export { decodeSafetensors, encodeSafetensors } from './safetensors.js';
export { serverStep, type ServerStep } from './server-step.js';
export { fedAvg } from './strategies/fed-avg.js';
export { toLayersFormat, WEIGHTS_FILE, type LayersFormat, type Topology } from './layers-format.js';
