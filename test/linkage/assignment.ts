/**
 * The cheapest way to give each row a column of its own: the Hungarian method with potentials, one shortest
 * augmenting path a row, O(rows² · columns).
 *
 * @param cost  row after row; at least as many columns as rows
 * @returns the column of each row
 */
export function cheapestAssignment(cost: Float64Array, rows: number, columns: number): Int32Array {
  if (rows > columns || cost.length !== rows * columns) throw new RangeError(`${rows} rows, ${columns} columns`);
  const state: Matching = {
    rowOf: new Int32Array(columns + 1).fill(-1),
    rowPrice: new Float64Array(rows),
    columnPrice: new Float64Array(columns + 1),
  };
  for (let row = 0; row < rows; row++) augment({ cost, columns }, state, row);
  const columnOf = new Int32Array(rows);
  for (let column = 0; column < columns; column++) {
    const row = state.rowOf[column]!;
    if (row >= 0) columnOf[row] = column;
  }
  return columnOf;
}

interface Matching {
  /** row matched to each column, -1 for none; one column more, where a new row waits */
  readonly rowOf: Int32Array;
  readonly rowPrice: Float64Array;
  readonly columnPrice: Float64Array;
}

/** Finds the cheapest path from a new row to a free column, and shifts the rows on it. */
function augment(problem: { cost: Float64Array; columns: number }, state: Matching, row: number): void {
  const { rowOf } = state;
  const start = problem.columns;
  rowOf[start] = row;
  const from = new Int32Array(problem.columns).fill(start);
  const slack = new Float64Array(problem.columns).fill(Infinity);
  const seen = new Uint8Array(problem.columns + 1);
  let column = start;
  while (rowOf[column]! >= 0) {
    seen[column] = 1;
    column = nearest(problem, state, { column, from, slack, seen });
  }
  while (column !== start) {
    const before = from[column]!;
    rowOf[column] = rowOf[before]!;
    column = before;
  }
}

/** One step of Dijkstra over reduced costs; moves the prices so that the step costs nothing. */
function nearest(
  { cost, columns }: { cost: Float64Array; columns: number },
  { rowOf, rowPrice, columnPrice }: Matching,
  { column, from, slack, seen }: { column: number; from: Int32Array; slack: Float64Array; seen: Uint8Array },
): number {
  const row = rowOf[column]!;
  let [best, shortest] = [-1, Infinity];
  for (let j = 0; j < columns; j++) {
    if (seen[j] === 1) continue;
    const reduced = cost[row * columns + j]! - rowPrice[row]! - columnPrice[j]!;
    if (reduced < slack[j]!) [slack[j], from[j]] = [reduced, column];
    if (slack[j]! < shortest) [shortest, best] = [slack[j]!, j];
  }
  for (let j = 0; j <= columns; j++) {
    if (seen[j] === 1) {
      rowPrice[rowOf[j]!]! += shortest;
      columnPrice[j]! -= shortest;
    } else if (j < columns) slack[j]! -= shortest;
  }
  return best;
}
