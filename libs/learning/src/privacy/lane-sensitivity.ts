import { LearningError } from '../errors.js';

/** What a tree has released, where each device takes part in every `separation`-th step alone, its lane. */
export interface LaneReleases {
  /** leaves with data, each once, in any order */
  readonly steps: readonly number[];
  readonly separation: number;
  /** leaves of the tree; nodes that are not complete within are not released */
  readonly length: number;
}

/**
 * L2 sensitivity of all nodes of a tree together, for contributions of norm 1, to a device that gives an update in
 * every release of its lane: the square root of the largest Σ (releases of a lane below the node)² of any lane. Less
 * than `treeSensitivity` for the same count and separation, or equal: which rounds a device may be in is known.
 *
 * @throws LearningError `bad_strategy`
 */
export function laneSensitivity({ steps, separation, length }: LaneReleases): number {
  const within = (step: number): boolean => Number.isSafeInteger(step) && step >= 0 && step < length;
  if (!Number.isSafeInteger(separation) || separation < 1 || !steps.every(within)) {
    throw new LearningError('bad_strategy', `no releases of a tree of ${length} steps in ${separation} lanes`);
  }
  const ascending = Float64Array.from(steps).sort();
  const squares = new Float64Array(separation);
  for (let size = 1; size <= length; size *= 2) addSquares(squares, ascending, size, Math.floor(length / size));
  return Math.sqrt(squares.reduce((most, square) => Math.max(most, square), 0));
}

/** By lane: the squares of how many steps there are below each of the first `complete` nodes of a size. */
function addSquares(squares: Float64Array, ascending: Float64Array, size: number, complete: number): void {
  const node = new Float64Array(squares.length).fill(-1);
  const count = new Float64Array(squares.length);
  const end = (lane: number): void => void (squares[lane]! += count[lane]! ** 2);
  for (const step of ascending) {
    const [lane, here] = [step % squares.length, Math.floor(step / size)];
    if (here >= complete) break;
    if (here !== node[lane]) {
      end(lane);
      node[lane] = here;
      count[lane] = 0;
    }
    count[lane]! += 1;
  }
  squares.forEach((_, lane) => end(lane));
}

const whole = new Map<string, number>();

/** Of a tree of which every step is released. */
export function wholeTreeSensitivity(length: number, separation: number): number {
  const name = `${length}/${separation}`;
  const moves =
    whole.get(name) ?? laneSensitivity({ steps: Array.from({ length }, (_, step) => step), separation, length });
  if (whole.size >= MOST_REMEMBERED) whole.clear();
  whole.set(name, moves);
  return moves;
}

const MOST_REMEMBERED = 64;
