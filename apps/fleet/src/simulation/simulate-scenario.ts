import type { TrainingPool } from '../training/index.js';
import { Centralised } from './centralised.js';
import { Examiner } from './examiner.js';
import { total, type RoundMetrics, type RunResult } from './metrics.js';
import { attackOf } from './population.js';
import type { Run, RunPlan } from './scenario.js';
import { simulateRun } from './simulate-run.js';
import { TASKS } from './tasks.js';

/** All runs of a scenario. */
export interface ScenarioResult {
  readonly title: string;
  /** values of each axis, by its name */
  readonly axes: RunPlan['axes'];
  readonly runs: readonly RunResult[];
}

export interface ScenarioPorts {
  readonly pool: Pick<TrainingPool, 'train'>;
  readonly cacheDirectory: string;
  readonly onRound?: (run: Run, metrics: RoundMetrics) => void;
  readonly onRun?: (result: RunResult) => void;
}

/** One run after the other; the devices of a round train side by side. */
export async function simulateScenario(plan: RunPlan, ports: ScenarioPorts): Promise<ScenarioResult> {
  const runs: RunResult[] = [];
  const centralised = new Centralised(ports.pool);
  for (const run of plan.runs) {
    const result = await runOne(run, ports, centralised);
    ports.onRun?.(result);
    runs.push(result);
  }
  return { title: plan.title, axes: plan.axes, runs };
}

async function runOne(
  run: Run,
  { pool, cacheDirectory, onRound }: ScenarioPorts,
  centralised: Centralised,
): Promise<RunResult> {
  const { labels, settings } = run;
  const task = TASKS[settings.task];
  const startedAt = performance.now();
  const { train, test } = await task.load(cacheDirectory, settings.seed);
  const examiner = await Examiner.open(task, test, attackOf(settings));
  const rounds: RoundMetrics[] = [];
  const simulated = simulateRun(settings, train, { pool, examiner });
  try {
    for (;;) {
      const { done, value } = await simulated.next();
      if (done === true) {
        const seconds = since(startedAt);
        const central = settings.centralised ? await centralised.train(settings, train) : null;
        const best = central && examiner.examine(central).accuracy;
        return { labels, settings, ...summaryOf(run, rounds), centralised: best, ended: value, seconds };
      }
      rounds.push(value);
      onRound?.(run, value);
    }
  } finally {
    examiner.close();
  }
}

function summaryOf({ settings }: Run, rounds: readonly RoundMetrics[]) {
  const { attackers, devices, goal } = settings;
  const last = rounds.at(-1);
  const sum = (count: (round: RoundMetrics) => number): number => rounds.reduce((all, one) => all + count(one), 0);
  return {
    attackers:
      attackers === undefined ? null : { kind: attackers.kind, devices: Math.round(attackers.share * devices) },
    rounds,
    accuracy: last?.accuracy ?? 0,
    loss: last?.loss ?? 0,
    attackSuccess: last?.attackSuccess ?? null,
    epsilon: last?.epsilon ?? null,
    accepted: sum(({ accepted }) => accepted),
    refused: sum(({ refused }) => total(refused)),
    goalReached: rounds.find(({ accuracy }) => goal !== undefined && accuracy >= goal)?.round ?? null,
  };
}

const since = (startedAt: number): number => Math.round(performance.now() - startedAt) / 1000;
