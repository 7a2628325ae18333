import { normalCdf } from '#learning';

import type { Attack } from './attack.js';

/**
 * All attackers send the honest updates' mean, moved in each coordinate by z of their deviations: so little that enough
 * honest updates lie further out. `strength` is z; the paper's when left out. They know every honest update, which is
 * more than the paper asks for.
 *
 * @see Baruch et al. 2019, Algorithm 3, https://arxiv.org/abs/1902.06156
 */
export const littleIsEnough: Attack = {
  strength: 0,
  collude: ({ count, mean, deviation }, attackers, strength = mostDeviations(count + attackers, attackers)) =>
    Float32Array.from(mean, (value, j) => value - strength * deviation[j]!),
};

/**
 * z: the largest with Φ(z) < (n − m − s)/(n − m), where s = ⌊n/2⌋ + 1 − m honest members are enough for a majority
 * with the attackers. 0 where there is none.
 */
export function mostDeviations(members: number, attackers: number): number {
  const supporters = Math.floor(members / 2) + 1 - attackers;
  const honest = members - attackers;
  const share = Math.min(1, (honest - supporters) / honest);
  if (!(share > 0.5)) return 0;
  let [low, high] = [0, 9];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (normalCdf(middle) < share) low = middle;
    else high = middle;
  }
  return low;
}
