import type { Examples } from './examples.js';
import { readPackageFile } from './package-file.js';
import { Random } from './random.js';

const COLUMNS = {
  airline: 'Aircraft Airline Operator',
  aircraft: 'Aircraft Make Model',
  damage: 'Effect Amount of damage',
  date: 'Flight Date',
  phase: 'Phase of flight',
  size: 'Wildlife Size',
  species: 'Wildlife Species',
  time: 'Time of day',
  speed: 'Speed IAS in knots',
} as const;
type Column = keyof typeof COLUMNS;
type Row = Readonly<Record<Column, string>>;

/** Columns that name something, with how many of their commonest values have a number of their own. */
const NAMED: readonly (readonly [Column, number])[] = [
  ['phase', 7],
  ['size', 3],
  ['time', 4],
  ['species', 20],
  ['aircraft', 25],
];
const MONTHS = 12;
const FASTEST_KNOTS = 350;
/** Numbers of one example: named values and months, 0 or 1; the speed, and whether it is known. */
export const FEATURES = NAMED.reduce((sum, [, most]) => sum + most, 0) + MONTHS + 2;

/**
 * Did the bird damage the aircraft? Reports of the FAA's wildlife strike database, 1990 to 2002, as the package
 * `vega-datasets` has them: all with damage and as many without, so that a guess is right half the time. The groups
 * are airlines, who do not show each other their reports.
 *
 * @returns labels 0 for none, 1 for damage
 * @throws Error when the table is not what it was
 */
export async function loadBirdStrikes(): Promise<Examples> {
  const rows = readRows(await readPackageFile('vega-datasets', '../data/birdstrikes.csv'));
  const damaged = rows.filter(({ damage }) => damage !== 'None');
  const harmless = rows.filter(({ damage }) => damage === 'None');
  const order = new Random(0, 'bird-strikes').shuffle(Uint32Array.from(harmless, (_, i) => i));
  const chosen = [...damaged, ...Array.from(order.subarray(0, damaged.length), (i) => harmless[i]!)];
  const values = NAMED.map(([column, most]) => [column, commonest(rows, column).slice(0, most)] as const);
  const airlines = commonest(rows, 'airline');
  const inputs = new Uint8Array(chosen.length * FEATURES);
  chosen.forEach((row, i) => inputs.set(featuresOf(row, values), i * FEATURES));
  return {
    inputs,
    labels: Uint8Array.from(chosen, ({ damage }) => (damage === 'None' ? 0 : 1)),
    groups: Uint8Array.from(chosen, ({ airline }) => airlines.indexOf(airline)),
  };
}

/** The table quotes nothing: a comma is always between two values. */
function readRows(text: string): Row[] {
  const [head, ...lines] = text.trim().split(/\r?\n/);
  const names = head!.split(',');
  const at = Object.entries(COLUMNS).map(([column, name]) => [column, names.indexOf(name)] as const);
  if (lines.length !== 10_000 || at.some(([, index]) => index < 0)) throw new Error('this is not the table of strikes');
  return lines.map((line) => {
    const cells = line.split(',');
    return Object.fromEntries(at.map(([column, index]) => [column, cells[index]!])) as Row;
  });
}

function commonest(rows: readonly Row[], column: Column): string[] {
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(row[column], (counts.get(row[column]) ?? 0) + 1);
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).map(([value]) => value);
}

function featuresOf(row: Row, named: readonly (readonly [Column, readonly string[]])[]): Uint8Array {
  const ones = named.flatMap(([column, values]) => values.map((value) => (row[column] === value ? 255 : 0)));
  const months = Array.from({ length: MONTHS }, (_, month) => (Number(row.date.slice(5, 7)) === month + 1 ? 255 : 0));
  const speed = Math.min(1, Number(row.speed) / FASTEST_KNOTS);
  return Uint8Array.from([...ones, ...months, Math.round(255 * speed), row.speed === '' ? 0 : 255]);
}
