export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => string | number;
  /** numbers stand to the right */
  readonly right?: boolean;
}

/** Rows under their titles, columns as wide as they need to be; no trailing blanks. */
export function renderTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const cells = [
    columns.map(({ title }) => title),
    ...rows.map((row) => columns.map(({ value }) => String(value(row)))),
  ];
  const widths = columns.map((_, i) => Math.max(...cells.map((line) => line[i]!.length)));
  const pad = (text: string, i: number): string =>
    columns[i]!.right === true ? text.padStart(widths[i]!) : text.padEnd(widths[i]!);
  return cells.map((line) => line.map(pad).join('  ').trimEnd()).join('\n');
}

/** Names on the left, what they stand for on the right. */
export function renderFacts(facts: readonly (readonly [name: string, value: string | number])[]): string {
  const width = Math.max(0, ...facts.map(([name]) => name.length));
  return facts.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n');
}
