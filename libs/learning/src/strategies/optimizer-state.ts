import { LearningError } from '../errors.js';
import { initialState, type OptimizerState, type ServerOptimizer } from './server-optimizer.js';

const HEADER_BYTES = 8;

/**
 * What an optimizer needs of the rounds before, in bytes, all little-endian: rounds u32, moments u32, then d float64
 * for each moment that it uses.
 */
export function encodeOptimizerState({ rounds, m, v }: OptimizerState, moments: 0 | 1 | 2): Uint8Array {
  const vectors = [m, v].slice(0, moments);
  const bytes = new Uint8Array(HEADER_BYTES + 8 * m.length * moments);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, rounds, true);
  view.setUint32(4, moments, true);
  vectors.forEach((vector, k) =>
    vector.forEach((value, j) => view.setFloat64(HEADER_BYTES + 8 * (k * m.length + j), value, true)),
  );
  return bytes;
}

/**
 * @param dimension  d
 * @throws LearningError `malformed_model` for bytes of another optimizer, model or no state at all
 */
export function decodeOptimizerState(
  bytes: Uint8Array,
  { moments }: ServerOptimizer,
  dimension: number,
): OptimizerState {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length !== HEADER_BYTES + 8 * dimension * moments || view.getUint32(4, true) !== moments) {
    throw new LearningError('malformed_model', `${bytes.length} bytes are no state of ${moments} moments`);
  }
  const state = { ...initialState(dimension), rounds: view.getUint32(0, true) };
  [state.m, state.v].slice(0, moments).forEach((vector, k) => {
    for (let j = 0; j < dimension; j++) {
      vector[j] = view.getFloat64(HEADER_BYTES + 8 * (k * dimension + j), true);
      if (!Number.isFinite(vector[j])) throw new LearningError('not_finite', 'an optimizer state is not finite');
    }
  });
  return state;
}
