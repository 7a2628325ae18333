import { Random } from '../random.js';
import type { Dealing } from './dealing.js';

/**
 * As the data set's own groups have it: a device has examples of one group, and large groups have several devices, or,
 * where groups are more than devices, devices have several groups.
 *
 * @param groups  of each example
 */
export function dealNaturally(groups: Uint8Array, { devices, seed }: Dealing): Uint32Array[] {
  if (groups.length < devices) throw new RangeError(`${groups.length} examples are too few for ${devices} devices`);
  const random = new Random(seed, 'natural');
  const members = new Map<number, number[]>();
  groups.forEach((group, i) => members.set(group, [...(members.get(group) ?? []), i]));
  const hands = [...members.values()].map((hand) => [...random.shuffle(Uint32Array.from(hand))]);
  hands.sort((a, b) => b.length - a.length);
  while (hands.length > devices) {
    // The two smallest share a device.
    const smallest = hands.pop()!;
    hands.at(-1)!.push(...smallest);
    hands.sort((a, b) => b.length - a.length);
  }
  while (hands.length < devices) {
    const largest = hands.shift()!;
    hands.push(largest.splice(0, largest.length >> 1), largest);
    hands.sort((a, b) => b.length - a.length);
  }
  return hands.map((hand) => random.shuffle(Uint32Array.from(hand)));
}
