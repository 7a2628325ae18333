import { total, type RoundMetrics, type RunResult } from '../metrics.js';
import type { ScenarioResult } from '../simulate-scenario.js';

const COLUMNS: readonly (readonly [title: string, value: (round: RoundMetrics) => string | number | null])[] = [
  ['round', ({ round }) => round],
  ['accuracy', ({ accuracy }) => accuracy],
  ['loss', ({ loss }) => loss],
  ['attack_success', ({ attackSuccess }) => attackSuccess],
  ['epsilon', ({ epsilon }) => epsilon],
  ['asked', ({ asked }) => asked],
  ['accepted', ({ accepted }) => accepted],
  ['refused', ({ refused }) => total(refused)],
  ['vanished', ({ vanished }) => vanished],
  ['late', ({ late }) => late],
  ['clipped', ({ clipped }) => clipped],
  ['clip', ({ clip }) => clip],
  ['unclipped', ({ unclipped }) => unclipped],
  ['norm', ({ norm }) => norm],
  ['duration', ({ duration }) => duration],
  ['seconds', ({ seconds }) => seconds],
  ['elapsed', ({ elapsed }) => elapsed],
  ['abandoned', ({ abandoned }) => abandoned],
];

/** A line a round, the run's labels before its figures (RFC 4180). */
export function toCsv({ axes, runs }: ScenarioResult): string {
  const names = Object.keys(axes);
  const lines = runs.flatMap(({ labels, settings, rounds }: RunResult) => {
    const places = [...names.map((name) => labels[name]!), settings.seed];
    return rounds.map((round) => [...places, ...COLUMNS.map(([, value]) => value(round))]);
  });
  return [[...names, 'seed', ...COLUMNS.map(([title]) => title)], ...lines]
    .map((line) => `${line.map(cell).join(',')}\r\n`)
    .join('');
}

function cell(value: string | number | null): string {
  const text = value === null ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
