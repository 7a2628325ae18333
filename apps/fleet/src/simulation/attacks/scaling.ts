import { multiply, type Attack } from './attack.js';

/** Sends its own update the other way, and much more of it. */
export const signFlip: Attack = { strength: 10, forge: (delta, strength) => multiply(delta, -strength) };

/** Sends much more of its own update. */
export const scaled: Attack = { strength: 10, forge: multiply };
