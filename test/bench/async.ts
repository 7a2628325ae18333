import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import type { StrategyChoice } from '#learning';
import type { RoundView } from '#protocol';

import { CoordinatorClient } from '../../apps/cli/src/coordinator-client.js';
import { startStack, type Stack } from '../../apps/cli/src/stack/stack.js';
import { readUseCaseFile } from '../../apps/cli/src/use-case-file.js';
import type { FleetReport } from '../../apps/fleet/src/report.js';
import { prepareTask } from '../../apps/fleet/src/task/prepare-task.js';
import { Researcher } from '../fixtures/researcher.js';

/** One fleet and one task of digits, once with rounds that all devices share and once with buffers. */
export interface AsyncBench {
  readonly devices: number;
  /** share of the devices that train for longer, and how many times as long */
  readonly stragglers: number;
  readonly slowdown: number;
  /** ms that the others train for */
  readonly trainingMs: number;
  /** they train for up to 1 + so many times that, each as its seed says */
  readonly spread: number;
  readonly seed: number;
}

export interface Contestant {
  readonly name: string;
  /** from the opening of the first round to the publishing of a model of 90 %, by the database's clock; null: not reached */
  readonly seconds: number | null;
  /** of each round */
  readonly accuracies: readonly number[];
  /** updates by staleness, from 0 */
  readonly staleness: readonly number[];
  /** turns of devices that brought nothing in, by code or reason */
  readonly lost: Readonly<Record<string, number>>;
}

export interface AsyncBenchResult extends AsyncBench {
  readonly contestants: readonly Contestant[];
}

const GOAL = 0.9;
const MOST_ROUNDS = 40;
const TRAINING = { localEpochs: 2, batchSize: 20, learningRate: 0.2 };
/** Servers alike but for how they wait: the same momentum, and the same learning rate. */
const MOMENTUM = 0.6;
const SYNCHRONOUS = { name: 'FedAvgM', momentum: MOMENTUM };

interface Rules {
  readonly name: string;
  readonly strategy: StrategyChoice;
  readonly target: number;
}

const rulesOf = ({ devices, stragglers }: AsyncBench): Rules[] => [
  {
    name: 'FedBuff',
    strategy: { name: 'FedBuff', momentum: MOMENTUM, maxStaleness: 7 },
    target: Math.ceil(devices / 2),
  },
  { name: 'over-selection', strategy: SYNCHRONOUS, target: devices - Math.round(stragglers * devices) },
  { name: 'synchronous', strategy: SYNCHRONOUS, target: devices },
];

/** Real processes, real devices' code, real training; a straggler sleeps on when it has trained. */
export async function benchAsync(bench: AsyncBench): Promise<AsyncBenchResult> {
  const directory = await mkdtemp(join(tmpdir(), 'starling-bench-'));
  await chmod(directory, 0o755);
  const stack = await startStack({ directory, onCrash: (name, message) => console.error(`${name}: ${message}`) });
  try {
    const [task, cacheDirectory] = [join(directory, 'task'), join(directory, 'cache')];
    await prepareTask({ directory: task, cacheDirectory, model: 'mlp', seed: bench.seed });
    const contestants: Contestant[] = [];
    for (const rules of rulesOf(bench)) contestants.push(await race(bench, rules, { stack, task, cacheDirectory }));
    return { ...bench, contestants };
  } finally {
    await stack.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

export function describeAsync({ devices, stragglers, slowdown, contestants }: AsyncBenchResult): string {
  const lines = contestants.map(({ name, seconds, accuracies, staleness, lost }) => {
    const time = seconds === null ? 'not reached' : `${seconds.toFixed(1)} s`;
    const losses = Object.entries(lost).map(([why, n]) => `, ${n} ${why}`);
    return `${name.padEnd(15)} ${time.padStart(12)}  ${accuracies.length} rounds; updates by staleness ${staleness.join(' ')}${losses.join('')}\n`;
  });
  const [buffered, ...others] = contestants;
  const ratios = others.map(({ name, seconds }) => {
    const ratio = seconds !== null && buffered!.seconds !== null ? (seconds / buffered!.seconds).toFixed(2) : '?';
    return `${name} takes ${ratio} times as long as FedBuff\n`;
  });
  return (
    `${devices} devices, ${Math.round(100 * stragglers)} % of them ${slowdown} times slower: time to ${100 * GOAL} % accuracy\n` +
    lines.join('') +
    ratios.join('')
  );
}

interface Scene {
  readonly stack: Stack;
  readonly task: string;
  readonly cacheDirectory: string;
}

async function race(bench: AsyncBench, { name, strategy, target }: Rules, scene: Scene): Promise<Contestant> {
  const { urls, secrets } = scene.stack;
  const [researcher, coordinator] = [
    new Researcher(urls.coordinator, secrets.apiKey),
    new CoordinatorClient({ url: urls.coordinator, key: secrets.apiKey }),
  ];
  const useCase = name.toLowerCase();
  const rules = { kMin: target, jitterMs: 500, slots: 64, batch: 16, epochSeconds: 86_400, strategy };
  const draft = await readUseCaseFile(join(scene.task, 'use-case.json'), coordinator, { ...rules, id: useCase });
  await coordinator.createUseCase(draft);
  await researcher.manifest(useCase);
  const fleet = new BenchFleet(await fleetConfig(bench, scene, { useCase, researcher }));
  try {
    await fleet.prefetched;
    await researcher.startRounds(useCase, { count: MOST_ROUNDS, min: target, target, deadlineSeconds: 3600 });
    const rounds = await Promise.race([untilGoal(researcher, useCase), fleet.death]);
    const last = rounds.find(({ accuracy }) => accuracy! >= GOAL);
    const seconds =
      last === undefined ? null : (Date.parse(last.publishedAt!) - Date.parse(rounds[0]!.openedAt!)) / 1000;
    return { name, seconds, accuracies: rounds.map(({ accuracy }) => accuracy!), ...fleet.tally };
  } finally {
    await fleet.stop();
  }
}

async function fleetConfig(
  { devices, seed, stragglers, slowdown, trainingMs, spread }: AsyncBench,
  { stack, cacheDirectory }: Scene,
  { useCase, researcher }: { readonly useCase: string; readonly researcher: Researcher },
): Promise<object> {
  const { issuer, coordinator, intake } = stack.urls;
  const codes = await researcher.enrolmentCode(useCase, devices);
  const where = { issuer, coordinator, intake, deploymentKey: stack.secrets.deploymentKey, useCase, codes };
  const pace = { trainingMs, spread, stragglers, slowdown };
  const what = { devices, seed, alpha: 0.5, heldOut: 0, model: 'mlp', rounds: MOST_ROUNDS, training: TRAINING, pace };
  return { ...where, ...what, cacheDirectory };
}

/** The rounds that were measured, once one has reached the goal or there are no more. */
async function untilGoal(researcher: Researcher, useCase: string): Promise<RoundView[]> {
  for (;;) {
    const rounds = (await researcher.call(`/rounds?useCase=${useCase}`)).json as RoundView[];
    const abandoned = rounds.find(({ state }) => state === 'abandoned');
    if (abandoned !== undefined) throw new Error(`a round was abandoned: ${abandoned.detail}`);
    const measured = rounds.filter(({ accuracy }) => accuracy !== null);
    if (measured.length === MOST_ROUNDS || measured.some(({ accuracy }) => accuracy! >= GOAL)) return measured;
    await sleep(250);
  }
}

/** The process with the simulated devices, and what it has reported. */
class BenchFleet {
  readonly prefetched: Promise<void>;
  readonly death: Promise<never>;
  readonly #child: ChildProcess;
  readonly #staleness: number[] = [];
  readonly #lost: Record<string, number> = {};

  constructor(config: object) {
    const main = fileURLToPath(new URL('../../apps/fleet/src/main.js', import.meta.url));
    const env = { PATH: process.env['PATH'], STARLING_FLEET: JSON.stringify(config) };
    this.#child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    this.death = once(this.#child, 'exit').then(([code]) => {
      throw new Error(`the fleet ended with code ${code}`);
    });
    this.death.catch(() => undefined); // whoever waits is told
    const lines = createInterface(this.#child.stdout!);
    const prefetched = new Promise<void>((resolve) =>
      lines.on('line', (line) => {
        const report = JSON.parse(line) as FleetReport;
        if (report.type === 'prefetched') resolve();
        else if (report.type === 'turn') this.#count(report.outcome, report.staleness);
      }),
    );
    this.prefetched = Promise.race([prefetched, this.death]);
  }

  get tally(): Pick<Contestant, 'staleness' | 'lost'> {
    return { staleness: Array.from(this.#staleness, (n = 0) => n), lost: { ...this.#lost } };
  }

  #count(outcome: string, staleness: number): void {
    if (outcome === 'accepted') this.#staleness[staleness] = (this.#staleness[staleness] ?? 0) + 1;
    else this.#lost[outcome] = (this.#lost[outcome] ?? 0) + 1;
  }

  async stop(): Promise<void> {
    this.#child.kill();
    await this.death.catch(() => undefined);
  }
}
