import type { RunResult } from './metrics.js';

/** Says of each run that reached its goal how long it took beside the fastest that differs in the last axis alone. */
export function withRatios(runs: readonly RunResult[], axes: readonly string[]): RunResult[] {
  const groupOf = ({ labels, settings }: RunResult): string =>
    JSON.stringify([settings.seed, ...axes.slice(0, -1).map((axis) => labels[axis])]);
  return runs.map((run) => {
    const rivals = runs.filter((other) => groupOf(other) === groupOf(run));
    const fastest = Math.min(...rivals.map(({ goalSeconds }) => goalSeconds ?? Infinity));
    return { ...run, goalRatio: run.goalSeconds === null ? null : run.goalSeconds / fastest };
  });
}

/** Runs that differ in their seed alone, as one: each figure is the mean. */
export interface MeanResult extends RunResult {
  /** of each seed, in the order of the runs */
  readonly accuracies: readonly number[];
}

export function overSeeds(runs: readonly RunResult[]): MeanResult[] {
  const groups = new Map<string, RunResult[]>();
  for (const run of runs) {
    const key = JSON.stringify(run.labels);
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  return [...groups.values()].map((group) => {
    const [first] = group as [RunResult];
    const accuracies = group.map(({ accuracy }) => accuracy);
    return { ...(meanOf(group) as RunResult), labels: first.labels, settings: first.settings, accuracies };
  });
}

/**
 * Of numbers their mean, of objects and lists that of each part; of lists as far as the shortest goes. What one of them
 * has not (null: a goal that was not reached) their mean has not; of words the first.
 */
function meanOf(values: readonly unknown[]): unknown {
  const [first] = values;
  if (values.some((value) => value === null)) return null;
  if (typeof first === 'number') return (values as number[]).reduce((sum, value) => sum + value, 0) / values.length;
  if (Array.isArray(first)) {
    const lists = values as unknown[][];
    const length = Math.min(...lists.map((list) => list.length));
    return Array.from({ length }, (_, i) => meanOf(lists.map((list) => list[i])));
  }
  if (typeof first !== 'object') return first;
  const objects = values as Record<string, unknown>[];
  const fields = new Set(objects.flatMap((one) => Object.keys(one)));
  // A code that nobody was refused by in one run was there 0 times.
  return Object.fromEntries(
    [...fields].map((field) => [field, meanOf(objects.map((one) => one[field] ?? absent(one, field)))]),
  );
}

const absent = (one: object, field: string): null | 0 => (field in one ? null : 0);
