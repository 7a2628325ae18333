import { Random } from '../random.js';
import type { Dealing } from './dealing.js';

/**
 * Sorted by label and cut into shards of one size, of which each device gets some: with two, most devices see two
 * labels. Sizes of shards differ by one at most.
 *
 * @see McMahan et al. 2017, section 3, https://arxiv.org/abs/1602.05629
 */
export function dealShards(
  labels: Uint8Array,
  { devices, seed, perDevice }: Dealing & { readonly perDevice: number },
): Uint32Array[] {
  const shards = devices * perDevice;
  if (labels.length < shards) throw new RangeError(`${labels.length} examples cannot be cut into ${shards} shards`);
  const random = new Random(seed, 'shards');
  // Which examples of a label share a shard is by chance; the sort is stable.
  const order = [...random.shuffle(Uint32Array.from(labels, (_, i) => i))];
  order.sort((a, b) => labels[a]! - labels[b]!);
  const start = (shard: number): number => Math.floor((shard * order.length) / shards);
  const deck = random.shuffle(Uint32Array.from({ length: shards }, (_, i) => i));
  return Array.from({ length: devices }, (_, device) => {
    const own = deck.subarray(device * perDevice, (device + 1) * perDevice);
    return random.shuffle(Uint32Array.from([...own].flatMap((shard) => order.slice(start(shard), start(shard + 1)))));
  });
}
