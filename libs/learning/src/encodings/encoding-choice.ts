import type { Encoding } from './encoding.js';
import { int16Encoding } from './int16.js';
import { int32Encoding } from './int32.js';
import { int8Encoding } from './int8.js';
import { topKEncoding } from './top-k.js';

/** How the integers of an update travel, as a use case says it; `{ topK: k }` is its k largest numbers alone. */
export type EncodingChoice = 'int32' | 'int16' | 'int8' | { readonly topK: number };

/** @param dimension  d @throws LearningError `bad_grid` for a k that is none, or above d */
export function encodingOf(choice: EncodingChoice, dimension: number): Encoding {
  if (typeof choice === 'object') return topKEncoding(choice.topK, dimension);
  return { int32: int32Encoding, int16: int16Encoding, int8: int8Encoding }[choice](dimension);
}
