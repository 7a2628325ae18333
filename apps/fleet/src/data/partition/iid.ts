import { Random } from '../random.js';
import type { Dealing } from './dealing.js';

/** As cards are dealt: sizes differ by one at most, and labels by chance only. */
export function dealEvenly(examples: number, { devices, seed }: Dealing): Uint32Array[] {
  if (examples < devices) throw new RangeError(`${examples} examples are too few for ${devices} devices`);
  const order = new Random(seed, 'iid').shuffle(Uint32Array.from({ length: examples }, (_, i) => i));
  return Array.from({ length: devices }, (_, device) => order.filter((_, i) => i % devices === device));
}
