import type { Attack } from './attack.js';
import { backdoor } from './backdoor.js';
import { labelFlip } from './label-flip.js';
import { littleIsEnough } from './little-is-enough.js';
import { randomNoise } from './random-noise.js';
import { scaled, signFlip } from './scaling.js';

export const ATTACK_KINDS = ['sign_flip', 'scaled', 'random', 'little_is_enough', 'label_flip', 'backdoor'] as const;
export type AttackKind = (typeof ATTACK_KINDS)[number];

export const ATTACKS: Readonly<Record<AttackKind, Attack>> = {
  sign_flip: signFlip,
  scaled,
  random: randomNoise,
  little_is_enough: littleIsEnough,
  label_flip: labelFlip,
  backdoor,
};
export type { Attack, HonestUpdates } from './attack.js';
export { mostDeviations } from './little-is-enough.js';
