import type { Command } from 'commander';

import type { RoundView } from '#protocol';

import { CliError, EXIT } from '../cli-error.js';
import type { CoordinatorClient } from '../coordinator-client.js';
import { findCoordinator } from '../find-coordinator.js';
import { print } from '../output/print.js';
import { describeRound, renderRoundList } from '../output/rounds.js';
import { whole, withConnection, withExample, type TalkOptions } from './options.js';

interface StartOptions extends TalkOptions {
  readonly count: number;
  readonly min: number;
  readonly target?: number;
  readonly deadline: number;
  readonly wait?: number;
  readonly finish: number;
}

interface FilterOptions extends TalkOptions {
  readonly useCase?: string;
}

const COUNT = 1_000_000;
const YEAR = 31_536_000;

export function addRound(program: Command): void {
  const round = program.command('round').description('Start rounds and follow them');
  addStart(round);
  const list = round
    .command('list')
    .description('Rounds, oldest first')
    .option('--use-case <id>', 'only of this use case');
  withExample(withConnection(list), 'round list --use-case digits').action(listRounds);
  const show = round
    .command('show')
    .argument('<round>', 'its id, or its number in the use case')
    .description('One round: state, counts, refusals, figures')
    .option('--use-case <id>', 'whose round the number is');
  withExample(withConnection(show), 'round show 3 --use-case digits').action(showRound);
  const watch = round.command('watch').argument('<use-case>').description('Follow rounds live until all have ended');
  withExample(withConnection(watch), 'round watch digits').action(followRounds);
  const abort = round.command('abort').argument('<id>').description('Abandon a round that is not published yet');
  withExample(withConnection(abort), 'round abort 8c9d3c1e-5f0e-4f5c-9f57-3d0a3a3f6a52').action(abortRound);
  const retry = round
    .command('retry')
    .argument('<id>')
    .description('Start a round in the place of an abandoned one, with the same plan');
  withExample(withConnection(retry), 'round retry 8c9d3c1e-5f0e-4f5c-9f57-3d0a3a3f6a52').action(retryRound);
}

function addStart(round: Command): void {
  const start = round
    .command('start')
    .argument('<use-case>')
    .description('Start rounds, one after the other')
    .option('--count <n>', 'how many rounds', whole(1, 1000), 1)
    .requiredOption('--min <n>', 'updates a round needs, at least the k_min of the use case', whole(1, COUNT))
    .option('--target <n>', 'updates after which a round closes (default: as many as --min)', whole(1, COUNT))
    .option('--deadline <seconds>', 'after which a round closes with what it has', whole(1, 604_800), 600)
    .option('--wait <seconds>', 'it waits for its tokens, once it is its turn (default: a day or more)', whole(1, YEAR))
    .option('--finish <seconds>', 'it waits for the worker, at each step', whole(1, YEAR), 3600);
  withExample(withConnection(start), 'round start digits --count 5 --min 40 --target 47 --deadline 300').action(
    startRounds,
  );
}

async function startRounds(useCase: string, options: StartOptions): Promise<void> {
  const { count, min, target = min, deadline: deadlineSeconds, wait, finish: finishSeconds } = options;
  if (target < min) throw new CliError(EXIT.usage, `--target ${target} is below --min ${min}.`);
  const { rounds, warnings } = await (
    await findCoordinator(options)
  ).startRounds(useCase, {
    count,
    min,
    target,
    deadlineSeconds,
    finishSeconds,
    ...(wait === undefined ? {} : { waitSeconds: wait }),
  });
  print(options, { rounds, warnings }, () => [...warnings, ...rounds].join('\n'));
}

async function listRounds(options: FilterOptions): Promise<void> {
  const rounds = await (await findCoordinator(options)).listRounds(options.useCase);
  print(options, rounds, () => renderRoundList(rounds, Date.now()));
}

async function showRound(which: string, options: FilterOptions): Promise<void> {
  const round = await pickRound(which, options.useCase, await findCoordinator(options));
  print(options, round, () => describeRound(round, Date.now()));
}

async function pickRound(
  which: string,
  useCase: string | undefined,
  coordinator: CoordinatorClient,
): Promise<RoundView> {
  if (!/^\d+$/.test(which)) return coordinator.findRound(which);
  const [found, ...others] = (await coordinator.listRounds(useCase)).filter(
    ({ sequence }) => sequence === Number(which),
  );
  if (found === undefined)
    throw new CliError(EXIT.failed, `There is no round ${which}${useCase === undefined ? '' : ` of ${useCase}`}.`);
  if (others.length > 0)
    throw new CliError(EXIT.usage, `Several use cases have a round ${which}: name one with --use-case.`);
  return found;
}

async function followRounds(useCase: string, options: TalkOptions): Promise<void> {
  const coordinator = await findCoordinator(options);
  await coordinator.findUseCase(useCase);
  const { watchRounds } = await import('../watch-rounds.js');
  await watchRounds(coordinator, useCase, options);
}

async function abortRound(id: string, options: TalkOptions): Promise<void> {
  const round = await (await findCoordinator(options)).abortRound(id);
  print(options, round, () => `Round ${round.sequence} of ${round.useCase} is abandoned.`);
}

async function retryRound(id: string, options: TalkOptions): Promise<void> {
  const round = await (await findCoordinator(options)).retryRound(id);
  print(options, round, () => `Round ${round.sequence} of ${round.useCase} is in its place: ${round.id}`);
}
