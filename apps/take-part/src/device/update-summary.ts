/** What an update is, for whoever is about to send it. */
export interface UpdateSummary {
  /** numbers in it, and bytes on the wire */
  readonly numbers: number;
  readonly bytes: number;
  /** L2 norm of the change, as trained and as it leaves */
  readonly norm: number;
  readonly clippedNorm: number;
  readonly clip: number;
  /** how many of its numbers fall in each of equal parts of [−reach, reach] */
  readonly histogram: readonly number[];
  readonly reach: number;
}

const BARS = 21;

export function summarize(
  before: Float32Array,
  after: Float32Array,
  { clip, bytes }: { readonly clip: number; readonly bytes: number },
): UpdateSummary {
  let squares = 0;
  let reach = 0;
  for (let j = 0; j < before.length; j++) {
    const change = after[j]! - before[j]!;
    squares += change * change;
    reach = Math.max(reach, Math.abs(change));
  }
  const norm = Math.sqrt(squares);
  const factor = norm > clip ? clip / norm : 1;
  const histogram = Array.from({ length: BARS }, () => 0);
  for (let j = 0; j < before.length; j++) {
    const share = reach === 0 ? 0.5 : ((after[j]! - before[j]!) / reach + 1) / 2;
    histogram[Math.min(BARS - 1, Math.floor(share * BARS))]! += 1;
  }
  return { numbers: before.length, bytes, norm, clippedNorm: norm * factor, clip, histogram, reach: reach * factor };
}
