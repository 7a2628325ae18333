import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { MetricsView, RoundMetrics } from '#protocol';

import { encodeEventFile, type EventOfStep } from './event-file.js';

export const FORMATS = ['csv', 'json', 'tensorboard'] as const;
export type MetricsFormat = (typeof FORMATS)[number];

/** Writes what rounds came to. @returns the file's path */
export async function exportMetrics(metrics: MetricsView, format: MetricsFormat, directory: string): Promise<string> {
  const { name, bytes } = RENDER[format](metrics);
  await mkdir(directory, { recursive: true });
  const path = join(directory, name);
  await writeFile(path, bytes);
  return path;
}

const RENDER: Record<MetricsFormat, (metrics: MetricsView) => { name: string; bytes: string | Uint8Array }> = {
  csv: (metrics) => ({ name: `${metrics.useCase}.csv`, bytes: renderCsv(metrics) }),
  json: (metrics) => ({ name: `${metrics.useCase}.json`, bytes: `${JSON.stringify(metrics, null, 2)}\n` }),
  tensorboard: renderEvents,
};

/** A line a round, a column a number; refusals by their codes. What is not known is left empty. */
export function renderCsv({ rounds }: MetricsView): string {
  const scalars = rounds.map(scalarsOf);
  const names = [...new Set(scalars.flatMap((row) => Object.keys(row)))];
  const fixed = ['round', 'round_id', 'state', 'reason', 'version', 'parent', 'evaluates', 'ended_at'];
  const lines = rounds.map((round, i) => {
    const { roundId, state, reason, version, parent, evaluates, endedAt } = round;
    const cells = [
      round.round,
      roundId,
      state,
      reason,
      version,
      parent,
      evaluates,
      endedAt,
      ...names.map((name) => scalars[i]![name]),
    ];
    return cells.map((cell) => cell ?? '').join(',');
  });
  return `${[[...fixed, ...names.map((name) => name.replace('/', '_'))].join(','), ...lines].join('\n')}\n`;
}

/** Steps are rounds, and 0 is the initial model. Exported again it is the same file with more in it. */
function renderEvents({ useCase, initial, rounds }: MetricsView): { name: string; bytes: Uint8Array } {
  const times = rounds.map(({ endedAt }) => Date.parse(endedAt) / 1000);
  const startedAt = Math.floor(times[0] ?? 0);
  const first: EventOfStep = { wallTime: startedAt, step: 0, scalars: known({ ...initial }) };
  const events = rounds.map((round, i) => ({ wallTime: times[i]!, step: round.round, scalars: scalarsOf(round) }));
  // TensorBoard looks for "tfevents" in a file's name.
  return { name: `events.out.tfevents.${startedAt}.${useCase}`, bytes: encodeEventFile(startedAt, [first, ...events]) };
}

/** Every number of a round by its name. */
export function scalarsOf(metrics: RoundMetrics): Record<string, number> {
  const { accuracy, loss, epsilon, clip, unclipped, issued, submitted, cohort, refusals, updateNorms, seconds } =
    metrics;
  const { onDevices } = metrics;
  return known({
    ...{ accuracy, loss, epsilon, clip, unclipped, issued, submitted, cohort },
    ...named('on_devices', { accuracy: onDevices?.accuracy ?? null, loss: onDevices?.loss ?? null }),
    ...named('update_norm', updateNorms ?? {}),
    ...named('seconds', { ...seconds }),
    ...named('refused', refusals),
  });
}

const named = (group: string, values: Readonly<Record<string, number | null>>): Record<string, number | null> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [`${group}/${name}`, value]));

const known = (values: Readonly<Record<string, number | null>>): Record<string, number> =>
  Object.fromEntries(Object.entries(values).filter((entry): entry is [string, number] => entry[1] !== null));
