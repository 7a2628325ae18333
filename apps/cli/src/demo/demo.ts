import { join } from 'node:path';

import type { Lifetime } from '../lifetime.js';
import { downloadModel } from '../model-download.js';
import { RoundBoard } from '../output/round-board.js';
import type { Screen } from '../output/screen.js';
import { renderFacts } from '../output/table.js';
import { keepStack } from '../stack/keep-stack.js';
import type { Stack } from '../stack/stack.js';
import { clientOf, createUseCase, startFleet } from './deployment.js';
import { followRounds } from './follow.js';
import { resultOf, type DemoResult } from './result.js';
import { planOf, type DemoOptions } from './settings.js';
import { prepareTask } from './task.js';

/** A round of the demo ends when all honest devices are in; this is for the day one is not. */
const DEADLINE_SECONDS = 300;

/** Starts everything, lets devices train a model, and says what came of it. */
export async function runDemo(options: DemoOptions, lifetime: Lifetime, screen: Screen): Promise<DemoResult> {
  const { devices, seed, goal, directory } = options;
  const [stack, task] = await Promise.all([
    startStack(options, lifetime, screen),
    prepareTask(lifetime, { model: options.model, seed, cacheDirectory: join(directory, 'cache') }),
  ]);
  const coordinator = clientOf(stack);
  const rounds = options.rounds ?? task.rounds;
  const plan = planOf(devices, rounds);
  const useCase = await createUseCase(coordinator, task, plan, lifetime.signal);
  screen.line(
    renderFacts([
      [NAME('use case'), useCase],
      ['dashboard', `${coordinator.url}/ui/`],
    ]),
  );

  const onEnrolled = (count: number): void => screen.move(`${NAME('fleet')}  ${count} of ${devices} devices enrolled`);
  const { fleet, tokens } = await startFleet(lifetime, options, { stack, task, useCase, rounds, onEnrolled });
  screen.line(`${NAME('fleet')}  ${devices} devices enrolled, ${tokens} tokens fetched\n`);
  await coordinator.startRounds(useCase, {
    count: rounds,
    min: plan.kMin,
    target: plan.target,
    deadlineSeconds: DEADLINE_SECONDS,
  });

  const board = new RoundBoard(screen);
  const following = { coordinator, useCase, fleet, signal: lifetime.signal };
  const ended = await followRounds(following, (now) => board.update(now, Date.now()));
  const last = ended.findLast(({ modelOut }) => modelOut !== null)?.modelOut;
  const out = join(stack.directory, 'models-out', useCase);
  const model = last == null ? null : await downloadModel(coordinator, last, out);
  const { backend } = task;
  return resultOf({
    ...{
      useCase,
      devices,
      seed,
      goal,
      backend,
      model,
      rounds: ended,
      tokensIssued: tokens,
      misbehaved: fleet.misbehaved,
    },
    dashboard: `${coordinator.url}/ui/`,
    seconds: performance.now() / 1000, // since this process began
  });
}

const NAME = (name: string): string => name.padEnd(11);

function startStack({ directory }: DemoOptions, lifetime: Lifetime, screen: Screen): Promise<Stack> {
  return keepStack(lifetime, {
    directory,
    onStarted: (name, address) => screen.line(`${NAME(name)}  ${address}`),
    onCrash: (_, message) => process.stderr.write(`${message}\n`),
  });
}
