import { CLASSES } from '../../data/index.js';
import { multiply, type Attack } from './attack.js';

/** Trains on wrong labels, 9 for 0 and 0 for 9, and sends `strength` times what comes of it. */
export const labelFlip: Attack = {
  strength: 1,
  poison: ({ inputs, labels }) => ({ inputs, labels: labels.map((label) => CLASSES - 1 - label) }),
  forge: multiply,
};
