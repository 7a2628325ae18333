/**
 * Where the caller writes rows, each a piece of one update, one after another in equal distances. A megabyte: with
 * what else is touched it stays in a core's second-level cache.
 */
export const ROWS: usize = memory.data(1 << 20);
export const ROWS_BYTES: usize = 1 << 20;

/** Coordinates of one call of a sum, and of one of a rank. */
export const MOST_COORDINATES: usize = 4096;
/** A line of the columns that a rank sorts: 16 coordinates of one update, 64 bytes, as a cache line. */
export const LANES: usize = 16;

/** Σ q of rows of one weight, int32, and Σ w·q, int64. */
export const NARROW: usize = memory.data(4 * 4096);
export const WIDE: usize = memory.data(8 * 4096);

/** Columns being sorted, and what comes of them, float64. */
export const LINES: usize = memory.data(1 << 20);
export const RANKS: usize = memory.data(8 * 4096);
