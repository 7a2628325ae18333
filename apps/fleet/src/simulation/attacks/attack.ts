import type { Examples, Random } from '../../data/index.js';

/** What attackers who collude know of a round: of every coordinate of the honest updates, as they were sent. */
export interface HonestUpdates {
  readonly count: number;
  /** real units */
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
}

/** What all devices of an attacker do. Whatever they send passes the same clip, grid and check as everybody's. */
export interface Attack {
  /** what `strength` is when left out */
  readonly strength: number;
  /** what they train on instead of their own examples; the last argument draws */
  readonly poison?: (own: Examples, random: Random) => Examples;
  /** from the delta that their training gave to the one they send; they send the first when left out */
  readonly forge?: (delta: Float32Array, strength: number, random: Random) => Float32Array;
  /** instead of training: one delta for all of them, from what the honest send */
  readonly collude?: (honest: HonestUpdates, attackers: number, strength: number | undefined) => Float32Array;
  /** puts the mark on an image that should make the model say `target` */
  readonly trigger?: { readonly mark: (digits: Examples) => Examples; readonly target: number };
}

export const multiply = (delta: Float32Array, factor: number): Float32Array => delta.map((value) => factor * value);
