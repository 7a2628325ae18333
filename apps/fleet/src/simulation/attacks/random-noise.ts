import { l2Norm } from '#learning';

import { multiply, type Attack } from './attack.js';

/** Sends normal noise, `strength` times as long as its own update. */
export const randomNoise: Attack = {
  strength: 100,
  forge: (delta, strength, random) => {
    const noise = Float32Array.from(delta, () => random.normal());
    return multiply(noise, (strength * l2Norm(delta)) / l2Norm(noise));
  },
};
