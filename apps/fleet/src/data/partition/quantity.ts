import { dirichlet } from '../dirichlet.js';
import { Random } from '../random.js';
import type { Dealing } from './dealing.js';

/**
 * Labels by chance, sizes skewed: what is left when everybody has the minimum is shared out by Dirichlet(alpha).
 *
 * @see Li et al. 2022, section 4.3, https://arxiv.org/abs/2102.02079
 */
export function dealUnevenly(
  examples: number,
  { devices, seed, minimum, alpha }: Dealing & { readonly alpha: number },
): Uint32Array[] {
  const spare = examples - devices * minimum;
  if (spare < 0) throw new RangeError(`${examples} examples cannot give ${devices} devices ${minimum} each`);
  const random = new Random(seed, 'quantity');
  const order = random.shuffle(Uint32Array.from({ length: examples }, (_, i) => i));
  let cumulative = 0;
  let from = 0;
  return dirichlet(random, alpha, devices).map((share, device) => {
    cumulative += share;
    const last = device === devices - 1;
    const to = last ? examples : (device + 1) * minimum + Math.min(spare, Math.round(cumulative * spare));
    const hand = order.slice(from, to);
    from = to;
    return hand;
  });
}
