import type { FoldKernel, Slice } from '#fold';
import { encodeInt32LE } from '#learning';

/** Σ q² of each update of a cohort, gathered slice by slice while it is folded. */
export class UpdateNorms {
  readonly #squares: number[];

  constructor(
    private readonly kernel: Pick<FoldKernel, 'measure'>,
    count: number,
  ) {
    this.#squares = Array.from({ length: count }, () => 0);
  }

  add(rows: Slice): void {
    for (const [i, row] of rows.entries()) this.#squares[i]! += this.kernel.measure(encodeInt32LE(row)).squares;
  }

  /** Smallest first: whose they are is forgotten here. */
  get sorted(): number[] {
    return this.#squares.toSorted((a, b) => a - b);
  }
}

const SHARES = [0.1, 0.25, 0.5, 0.75, 0.9];
/** More would tell one update from another for no use. */
const DIGITS = 3;

/**
 * Quantiles of L2 norms in real units, by the nearest rank.
 *
 * @param squares  Σ q² of each update, at least one, in any order
 */
export function normQuantiles(squares: readonly number[], scale: number): number[] {
  const sorted = squares.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1]!;
  return SHARES.map((share) => Number((Math.sqrt(at(share)) / scale).toPrecision(DIGITS)));
}
