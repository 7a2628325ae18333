/** What running a file of vectors came to. */
export interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

/** The last line of every run. */
export function summary({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/** 0 only when nothing failed and something passed: an empty run proves nothing. */
export const exitCode = ({ passed, failed }: Tally): number => (failed === 0 && passed > 0 ? 0 : 1);
