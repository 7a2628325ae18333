import { LearningError } from '#learning';

/** @throws LearningError `dimension_mismatch` unless every row has `length` coordinates */
export function checkRows(slice: readonly Int32Array[], length: number): void {
  for (const row of slice) {
    if (row.length !== length) {
      throw new LearningError('dimension_mismatch', `a slice of ${length} and of ${row.length} coordinates`);
    }
  }
}

/** @returns the coordinates of a slice of at least one row @throws LearningError */
export function lengthOf(slice: readonly Int32Array[]): number {
  const [first] = slice;
  if (first === undefined) throw new LearningError('empty_cohort', 'no updates to aggregate');
  checkRows(slice, first.length);
  return first.length;
}

/** @throws LearningError `bad_strategy` */
export function checkCut(cut: number, count: number): void {
  if (!Number.isSafeInteger(cut) || cut < 0 || 2 * cut >= count) {
    throw new LearningError('bad_strategy', `cutting ${cut} of ${count} from each end leaves nothing`);
  }
}

export const outOfRange = (limit: number): LearningError =>
  new LearningError('out_of_range', `a coordinate lies outside ±${limit}`);
