import { LearningError } from '../errors.js';

/** What an optimizer carries from round to round; every vector has length d. */
export interface OptimizerState {
  /** rounds done */
  readonly rounds: number;
  /** first moment, or velocity; zeros where the optimizer has none */
  readonly m: Float64Array;
  /** second moment; zeros where the optimizer has none */
  readonly v: Float64Array;
}

/** From the round's model and the cohort's aggregate to the next model: pure, in float64. */
export interface ServerOptimizer {
  /** how many of m and v it uses, and so what must be kept from round to round; with 0 nothing is */
  readonly moments: 0 | 1 | 2;
  /**
   * @param x  parameters, length d; not modified
   * @param aggregate  length d; not modified
   * @throws LearningError `dimension_mismatch`; `not_finite` where a parameter would not be
   */
  step(
    x: Float64Array,
    aggregate: Float64Array,
    state: OptimizerState,
  ): { readonly x: Float64Array; readonly state: OptimizerState };
}

export const initialState = (dimension: number): OptimizerState => ({
  rounds: 0,
  m: new Float64Array(dimension),
  v: new Float64Array(dimension),
});

/** One coordinate of x, m and v. */
interface Coordinate {
  x: number;
  m: number;
  v: number;
}

/** Moves a coordinate on by its Δ. One object for all of them: making one for each is most of what a step would take. */
type Rule = (at: Coordinate, delta: number) => void;

/**
 * An optimizer that treats all coordinates alike.
 *
 * @param moments  how many the rule changes: 1 is m, 2 both. The others are handed on as they came, not copied
 * @param ruleOf  of the round that is made, counted from 1
 */
export function coordinatewise(moments: 0 | 1 | 2, ruleOf: (round: number) => Rule): ServerOptimizer {
  const step: ServerOptimizer['step'] = (x, aggregate, { rounds, m, v }) => {
    const d = x.length;
    if (aggregate.length !== d || m.length !== d || v.length !== d) {
      throw new LearningError('dimension_mismatch', `${d} parameters, ${aggregate.length} in the aggregate`);
    }
    const rule = ruleOf(rounds + 1);
    const next = { x: x.slice(), m: moments < 1 ? m : m.slice(), v: moments < 2 ? v : v.slice() };
    const at: Coordinate = { x: 0, m: 0, v: 0 };
    for (let j = 0; j < d; j++) {
      at.x = next.x[j]!;
      at.m = next.m[j]!;
      at.v = next.v[j]!;
      rule(at, aggregate[j]!);
      if (!Number.isFinite(at.x)) throw new LearningError('not_finite', 'the new model is not finite');
      next.x[j] = at.x;
      if (moments > 0) next.m[j] = at.m;
      if (moments > 1) next.v[j] = at.v;
    }
    return { x: next.x, state: { rounds: rounds + 1, m: next.m, v: next.v } };
  };
  return { moments, step };
}

/** x ← x + Δ: plain averaging. */
export const plainStep: ServerOptimizer = coordinatewise(0, () => (at, delta) => {
  at.x += delta;
});

/** @throws LearningError `bad_strategy` naming the first that is out of its bounds */
export function checkRates(
  rates: Readonly<Record<string, readonly [value: number, from: number, below: number]>>,
): void {
  for (const [name, [value, from, below]] of Object.entries(rates)) {
    if (!(value >= from && value < below)) throw new LearningError('bad_strategy', `${name} of ${value}`);
  }
}
