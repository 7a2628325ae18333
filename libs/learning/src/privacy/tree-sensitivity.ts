import { LearningError } from '../errors.js';

/** What part one device can have in a tree. */
export interface TreeParticipation {
  /** rounds T that the tree sums, its leaves */
  readonly steps: number;
  /** rounds k that one device takes part in, at most */
  readonly participations: number;
  /** b: two rounds of one device are at least this far apart; 1 is no separation. (TF-Privacy's counts b − 1.) */
  readonly separation: number;
}

/**
 * L2 sensitivity of all nodes of a tree together, for contributions of norm 1: the square root of the largest
 * Σ (leaves of the device below the node)², over all nodes that are complete within T and all ways to take part.
 * Exact, by dynamic programming. Work grows with b³, where T is more than b.
 *
 * @throws LearningError `bad_strategy` for anything but positive integers
 * @see Kairouz et al. 2021, Appendix D.2, https://arxiv.org/abs/2103.00039
 */
export function treeSensitivity({ steps, participations, separation }: TreeParticipation): number {
  if (![steps, participations, separation].every((n) => Number.isSafeInteger(n) && n >= 1)) {
    throw new LearningError('bad_strategy', `no tree of ${steps} steps, ${participations} times ${separation} apart`);
  }
  const levels: number[] = [];
  for (let level = Math.floor(Math.log2(steps)); level >= 0; level--) {
    if (Math.floor(steps / 2 ** level) % 2 === 1) levels.push(level);
  }
  const most = Math.min(participations, Math.ceil(steps / separation));
  return Math.sqrt(new Participation(separation, most).ofForest(levels, most, 0));
}

/** Largest sums of squares, remembered. Distances that the neighbours ask for are leaves to leave free. */
class Participation {
  readonly #forests = new Map<number, number>();
  readonly #trees = new Map<number, number>();

  /** @param most  no count is larger */
  constructor(
    private readonly separation: number,
    private readonly most: number,
  ) {}

  /**
   * At most `count` leaves of these complete trees in a row, the first `free` leaves left out.
   *
   * @param levels  heights of the trees, falling
   */
  ofForest(levels: readonly number[], count: number, free: number): number {
    const [level, ...rest] = levels;
    if (level === undefined || count === 0) return 0;
    const key = (levels.length * (this.most + 1) + count) * this.separation + free;
    return once(this.#forests, key, () => {
      let best = this.ofForest(rest, count, Math.max(0, free - 2 ** level));
      for (let here = 1; here <= count; here++) {
        for (let after = 0; after < this.separation; after++) {
          const inside = this.#ofTree(level, here, free, after);
          if (inside < 0) break;
          best = Math.max(best, inside + this.ofForest(rest, count - here, this.separation - 1 - after));
          if (rest.length === 0) break;
        }
      }
      return best;
    });
  }

  /** Exactly `count` leaves, with `before` left free at the start and `after` at the end; −∞ where they do not fit. */
  #ofTree(level: number, count: number, before: number, after: number): number {
    const half = 2 ** (level - 1);
    if (count === 0) return 0;
    if (before + after + (count - 1) * this.separation + 1 > 2 ** level) return -Infinity;
    if (count === 1) return level + 1;
    const key = ((level * (this.most + 1) + count) * this.separation + before) * this.separation + after;
    return once(this.#trees, key, () => {
      let best = Math.max(
        this.#ofTree(level - 1, count, before, Math.max(0, after - half)),
        this.#ofTree(level - 1, count, Math.max(0, before - half), after),
      );
      for (let left = 1; left < count; left++) {
        for (let gap = 0; gap < this.separation; gap++) {
          const inLeft = this.#ofTree(level - 1, left, before, gap);
          if (inLeft < 0) break;
          best = Math.max(best, inLeft + this.#ofTree(level - 1, count - left, this.separation - 1 - gap, after));
        }
      }
      return count * count + best;
    });
  }
}

function once(known: Map<number, number>, key: number, compute: () => number): number {
  const before = known.get(key);
  if (before !== undefined) return before;
  const value = compute();
  known.set(key, value);
  return value;
}
