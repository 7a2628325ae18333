import type { EnrolmentPool } from '../enrolment-pool.js';
import type { TrainingPool } from '../training/index.js';
import { Centralised } from './centralised.js';
import { Examiner } from './examiner.js';
import { total, type RoundMetrics, type RunResult } from './metrics.js';
import { attackOf } from './population.js';
import type { Deployment } from './processes/researcher-api.js';
import { runInProcesses } from './processes/run-in-processes.js';
import { ScenarioError, type Run, type RunPlan } from './scenario.js';
import { overSeeds, withRatios, type MeanResult } from './side-by-side.js';
import { simulateRun } from './simulate-run.js';
import { TASKS } from './tasks.js';

/** All runs of a scenario. */
export interface ScenarioResult {
  readonly title: string;
  /** values of each axis, by its name */
  readonly axes: RunPlan['axes'];
  readonly runs: readonly RunResult[];
  /** the same, those that differ in the seed alone as one */
  readonly means: readonly MeanResult[];
}

export interface ScenarioPorts {
  readonly pool: Pick<TrainingPool, 'train'>;
  readonly cacheDirectory: string;
  /** for runs through processes */
  readonly processes?: { readonly deployment: Deployment; readonly enroller: Pick<EnrolmentPool, 'enrol'> };
  readonly onRound?: (run: Run, metrics: RoundMetrics) => void;
  readonly onRun?: (run: Run, result: RunResult) => void;
}

export const needsProcesses = ({ runs }: RunPlan): boolean =>
  runs.some(({ settings }) => settings.transport === 'processes');

/** One run after the other; the devices of a round train side by side. */
export async function simulateScenario(plan: RunPlan, ports: ScenarioPorts): Promise<ScenarioResult> {
  const runs: RunResult[] = [];
  const centralised = new Centralised(ports.pool);
  for (const [index, run] of plan.runs.entries()) {
    const title = `${plan.title}: ${run.name}`.slice(0, 120);
    const result = await runOne(run, { id: `run-${index + 1}`, title }, { ...ports, centralised });
    ports.onRun?.(run, result);
    runs.push(result);
  }
  const compared = withRatios(runs, Object.keys(plan.axes));
  return { title: plan.title, axes: plan.axes, runs: compared, means: overSeeds(compared) };
}

async function runOne(
  run: Run,
  names: { readonly id: string; readonly title: string },
  { onRound, centralised, ...ports }: ScenarioPorts & { readonly centralised: Centralised },
): Promise<RunResult> {
  const { labels, settings } = run;
  const task = TASKS[settings.task];
  const startedAt = performance.now();
  const { train, test } = await task.load(ports.cacheDirectory, settings.seed);
  const examiner = await Examiner.open(task, test, attackOf(settings));
  const rounds: RoundMetrics[] = [];
  const running = start(run, { ...names, examiner, train, test }, ports);
  try {
    for (;;) {
      const { done, value } = await running.next();
      if (done === true) {
        const seconds = since(startedAt);
        const central = settings.centralised ? await centralised.train(settings, train) : null;
        const best = central && examiner.examine(central).accuracy;
        return { labels, settings, ...summaryOf(run, rounds), centralised: best, ...value, seconds };
      }
      rounds.push(value);
      onRound?.(run, value);
    }
  } catch (error) {
    // The coordinator refuses in sentences of its own: say of which run.
    if (settings.transport === 'memory' || !(error instanceof Error)) throw error;
    throw new ScenarioError(`In the run ${run.name}: ${error.message}`, { cause: error });
  } finally {
    examiner.close();
  }
}

interface End {
  readonly ended: string | null;
  readonly staleness: readonly number[] | null;
}

async function* start(
  { settings }: Run,
  scene: Parameters<typeof runInProcesses>[1],
  { pool, processes }: ScenarioPorts,
): AsyncGenerator<RoundMetrics, End> {
  if (settings.transport === 'memory') {
    return { ended: yield* simulateRun(settings, scene.train, { pool, examiner: scene.examiner }), staleness: null };
  }
  if (processes === undefined) throw new Error('there is no deployment to run it in');
  return yield* runInProcesses(settings, scene, { pool, ...processes });
}

function summaryOf({ settings }: Run, rounds: readonly RoundMetrics[]) {
  const { attackers, devices, goal } = settings;
  const last = rounds.at(-1);
  const reached = rounds.find(({ accuracy }) => goal !== undefined && accuracy >= goal);
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
    goalReached: reached?.round ?? null,
    goalSeconds: reached?.elapsed ?? null,
    goalRatio: null,
  };
}

const since = (startedAt: number): number => Math.round(performance.now() - startedAt) / 1000;
