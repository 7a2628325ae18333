import type { PastRound } from './past-rounds.js';

/** Of one figure: what the server's evaluation set says of each model, and what devices found of one. */
export interface Curve {
  readonly rounds: readonly number[];
  readonly onServer: readonly (number | null)[];
  readonly onDevices: readonly (number | null)[];
}

/** The rounds that have the figure, oldest first. */
export function curveOf(past: readonly PastRound[], figure: 'accuracy' | 'loss'): Curve {
  // A round that measures repeats the server's figures of the model: those are of an earlier round.
  const points = past.map(({ sequence, evaluates, onDevices, ...round }) => ({
    sequence,
    onServer: evaluates === null ? round[figure] : null,
    onDevices: onDevices?.[figure] ?? null,
  }));
  const known = points.filter(({ onServer, onDevices }) => onServer !== null || onDevices !== null);
  return {
    rounds: known.map(({ sequence }) => sequence),
    onServer: known.map(({ onServer }) => onServer),
    onDevices: known.map(({ onDevices }) => onDevices),
  };
}

export function isSame(a: Curve, b: Curve): boolean {
  const lists = (curve: Curve) => [curve.rounds, curve.onServer, curve.onDevices];
  const others = lists(b);
  return lists(a).every(
    (list, k) => list.length === others[k]!.length && list.every((value, i) => value === others[k]![i]),
  );
}

/** A chart for those who cannot see it; the rounds' own pages have every value. */
export function inWords(
  curve: Curve,
  name: string,
  written: (value: number) => string,
  isBetter: 'more' | 'less',
): string {
  const { rounds, onServer, onDevices } = curve;
  const at = onServer.flatMap((value, i) => (value === null ? [] : [{ value, round: rounds[i]! }]));
  const devices = onDevices.flatMap((value, i) => (value === null ? [] : [{ value, round: rounds[i]! }]));
  const onThem = devices.at(-1);
  const told = onThem ? ` Devices found ${written(onThem.value)} in round ${onThem.round}.` : '';
  const last = at.at(-1);
  if (last === undefined) return `${name}:${told}`;
  const now = `${name} ${written(last.value)} in round ${last.round}`;
  if (at.length === 1) return `${now}, the first one evaluated.${told}`;
  const best = at.reduce((a, b) => ((isBetter === 'more' ? b.value > a.value : b.value < a.value) ? b : a));
  const first = at[0]!;
  return `${now}, from ${written(first.value)} in round ${first.round}; best ${written(best.value)} in round ${best.round}.${told}`;
}
