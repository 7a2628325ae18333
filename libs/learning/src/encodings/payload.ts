import { LearningError } from '../errors.js';

/** @returns the payload @throws LearningError `wrong_length` */
export function checkPayload(payload: Uint8Array, length: number): Uint8Array {
  if (payload.length === length) return payload;
  throw new LearningError('wrong_length', `expected ${length} bytes, got ${payload.length}`);
}
