import { z } from 'zod';

import { contradictions } from './contradictions.js';
import { privacyOf, RunWish, type RunSettings } from './run-settings.js';

export type { RunSettings } from './run-settings.js';

/** Any of a run's settings: each replaces the scenario's whole. */
const Override = z.record(z.string(), z.unknown());
/** Named values of one axis of a table. */
const Axis = z.record(z.string().min(1).max(80), Override).refine((axis) => Object.keys(axis).length > 0, 'is empty');

const Scenario = z.looseObject({
  title: z.string().min(1).max(200),
  /** axes by name: every combination of their values is a run */
  runs: z.record(z.string().min(1).max(80), Axis).default({}),
  /** every run once with each: figures are then means */
  seeds: z.array(RunWish.shape.seed.unwrap()).min(1).max(100).optional(),
});

/** One run of a scenario. */
export interface Run {
  /** what people call it, its seed included where there are more */
  readonly name: string;
  /** its place on each axis, by the axis's name */
  readonly labels: Readonly<Record<string, string>>;
  readonly settings: RunSettings;
}

export interface RunPlan {
  readonly title: string;
  readonly axes: Readonly<Record<string, readonly string[]>>;
  readonly runs: readonly Run[];
}

const MOST_RUNS = 1000;

/**
 * What a scenario file says.
 *
 * @throws ScenarioError that names every bad field, and the run it is in
 */
export function readScenario(file: unknown): RunPlan {
  const parsed = Scenario.safeParse(file);
  if (!parsed.success) throw new ScenarioError(z.prettifyError(parsed.error));
  const { title, runs: axes, seeds, ...base } = parsed.data;
  const repeats = seeds ?? [undefined];
  const count = Object.values(axes).reduce((product, axis) => product * Object.keys(axis).length, repeats.length);
  if (count > MOST_RUNS) throw new ScenarioError(`✖ ${count} runs; at most ${MOST_RUNS}\n  → at runs`);
  const runs = Object.entries(axes).reduce<Draft[]>(
    (drafts, [name, axis]) =>
      drafts.flatMap(({ labels, fields }) =>
        Object.entries(axis).map(([value, more]) => ({
          labels: { ...labels, [name]: value },
          fields: { ...fields, ...more },
        })),
      ),
    [{ labels: {}, fields: base }],
  );
  return {
    title,
    axes: Object.fromEntries(Object.entries(axes).map(([name, axis]) => [name, Object.keys(axis)])),
    runs: runs.flatMap((draft) => repeats.map((seed) => readRun(draft, seed))),
  };
}

export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';
}

interface Draft {
  readonly labels: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, unknown>>;
}

function readRun({ labels, fields }: Draft, seed: number | undefined): Run {
  const parsed = RunWish.safeParse(seed === undefined ? fields : { ...fields, seed });
  const names = [...Object.values(labels), ...(seed === undefined ? [] : [`seed ${seed}`])];
  const where = names.length === 0 ? '' : `In the run ${names.join(', ')}:\n`;
  if (!parsed.success) throw new ScenarioError(where + z.prettifyError(parsed.error));
  const problems = contradictions(parsed.data).map(([field, sentence]) => `✖ ${sentence}\n  → at ${field}`);
  if (problems.length > 0) throw new ScenarioError(where + problems.join('\n'));
  return { name: names.join(', ') || 'run', labels, settings: { ...parsed.data, privacy: privacyOf(parsed.data) } };
}
