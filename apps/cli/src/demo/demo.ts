import { join } from 'node:path';

import type { RoundView } from '#protocol';

import type { CoordinatorClient } from '../coordinator-client.js';
import type { Lifetime } from '../lifetime.js';
import { auditDemo } from './audit.js';
import { Baseline } from './baseline.js';
import { downloadModel, type ModelFiles } from '../model-download.js';
import { RoundBoard } from '../output/round-board.js';
import type { Screen } from '../output/screen.js';
import { keepStack } from '../stack/keep-stack.js';
import { inviteFirstOwner } from '../stack/first-owner.js';
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
  const { devices, seed, goal, directory, model } = options;
  const [stack, task] = await Promise.all([
    startStack(options, lifetime, screen),
    prepareTask(lifetime, { model, seed, cacheDirectory: join(directory, 'cache') }),
  ]);
  const coordinator = clientOf(stack);
  const dashboard = `${coordinator.url}/ui/`;
  const rounds = options.rounds ?? task.rounds;
  const plan = planOf(devices, rounds);
  const baseline = Baseline.start(lifetime, options, { ...plan, directory: stack.directory });
  const useCase = await createUseCase(coordinator, task, plan, lifetime.signal);
  await task.discard();
  screen.line(`${NAME('use case')}  ${useCase}\n${NAME('dashboard')}  ${dashboard}`);
  const signUp = await inviteFirstOwner(stack);
  if (signUp !== undefined) screen.line(`${NAME('sign up')}  ${signUp}`);

  const onEnrolled = (count: number): void => screen.move(`${NAME('fleet')}  ${count} of ${devices} devices enrolled`);
  const { fleet, tokens } = await startFleet(lifetime, options, { stack, task, useCase, rounds, onEnrolled });
  screen.line(`${NAME('fleet')}  ${devices} devices enrolled, ${tokens} tokens fetched\n`);

  const { kMin: min, target } = plan;
  await coordinator.startRounds(useCase, { count: rounds, min, target, deadlineSeconds: DEADLINE_SECONDS });
  const following = { coordinator, useCase, fleet, signal: lifetime.signal };
  const board = new RoundBoard(screen);
  const ended = await followRounds(following, (now) => board.update(now, Date.now()));
  const files = await downloadLast(coordinator, ended, join(stack.directory, 'models-out', useCase));

  screen.move('auditing the log');
  const published = ended.filter(({ state }) => state === 'published').length;
  const log = await auditDemo(coordinator.url, stack.secrets.deploymentKey, published);

  const facts = { useCase, devices, seed, goal, dashboard, backend: task.backend };
  const centralised = await baseline.accuracy();
  const counts = { rounds: ended, centralised, tokensIssued: tokens, misbehaved: fleet.misbehaved, log };
  return resultOf({ ...facts, ...counts, model: files, seconds: secondsSinceStart() });
}

/** Of this process. */
const secondsSinceStart = (): number => performance.now() / 1000;

async function downloadLast(
  coordinator: CoordinatorClient,
  rounds: readonly RoundView[],
  directory: string,
): Promise<ModelFiles | null> {
  const last = rounds.findLast(({ modelOut }) => modelOut !== null)?.modelOut;
  return last == null ? null : downloadModel(coordinator, last, directory);
}

const NAME = (name: string): string => name.padEnd(11);

function startStack({ directory }: DemoOptions, lifetime: Lifetime, screen: Screen): Promise<Stack> {
  return keepStack(lifetime, {
    directory,
    onStarted: (name, address) => screen.line(`${NAME(name)}  ${address}`),
    onNotice: (text) => process.stderr.write(`${text}\n`),
    onCrash: (_, message) => process.stderr.write(`${message}\n`),
  });
}
