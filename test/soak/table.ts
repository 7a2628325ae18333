import { passed, type SuiteResult } from './suite.js';

export interface Row extends SuiteResult {
  readonly suite: string;
  readonly k: number;
}

const HEAD = ['suite', 'N', 'K', 'expected', 'accepted', 'lost', 'doubled', 'alien', 'p99 ms', 'MB', ''];

/** A line a suite; what is wrong with one is below it. */
export function describeTable(rows: readonly Row[]): string {
  const cells = [HEAD, ...rows.map(cellsOf)];
  const widths = HEAD.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  const lines = cells.map((row, i) => {
    const line = row.map((cell, column) => pad(cell, widths[column]!, column)).join('  ');
    const wrong = i === 0 ? [] : rows[i - 1]!.wrong;
    return [line.trimEnd(), ...wrong.map((one) => `    ${one}`)].join('\n');
  });
  return `${lines.join('\n')}\n`;
}

const isWord = (column: number): boolean => column < 2 || column === HEAD.length - 1;
const pad = (cell: string, width: number, column: number): string =>
  isWord(column) ? cell.padEnd(width) : cell.padStart(width);

function cellsOf(row: Row): string[] {
  const { suite, n, k, expected, accepted, lost, doubled, alien, p99Ms, memoryMb, note } = row;
  const whole = (value: number | undefined): string => (value === undefined ? '' : String(Math.round(value)));
  const numbers = [k, expected, accepted, lost, doubled, alien, p99Ms, memoryMb].map(whole);
  return [suite, n, ...numbers, [passed(row) ? '' : 'FAILED', note ?? ''].filter(Boolean).join('  ')];
}
