import type { Command } from 'commander';

import type { RoundView, StartRounds } from '#protocol';

import { CliError, EXIT } from '../cli-error.js';
import type { CoordinatorClient } from '../coordinator-client.js';
import { findCoordinator } from '../find-coordinator.js';
import { print } from '../output/print.js';
import { describeRound, renderRoundList } from '../output/rounds.js';
import { positive, share, whole, withConnection, withExample, type TalkOptions } from './options.js';

interface StartOptions extends TalkOptions {
  readonly count: number;
  readonly min: number;
  readonly target?: number;
  readonly deadline: number;
  readonly wait?: number;
  readonly finish: number;
  readonly from?: number;
  readonly untilAccuracy?: number;
  readonly patience?: number;
  readonly minGain?: number;
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
  const pause = round
    .command('pause')
    .argument('<use-case>')
    .description('Hold its scheduled rounds; an open one goes on to its end');
  withExample(withConnection(pause), 'round pause digits').action(pauseRounds);
  const resume = round
    .command('resume')
    .argument('<use-case>')
    .description('Let its rounds go on; the pause counts for none of their deadlines');
  withExample(withConnection(resume), 'round resume digits').action(resumeRounds);
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
    .option('--finish <seconds>', 'it waits for the worker, at each step', whole(1, YEAR), 3600)
    .option('--from <version>', 'begin with this model version (default: the newest)', whole(0, 1_000_000_000))
    .option('--until-accuracy <share>', 'no more rounds once a model is as accurate as this', share)
    .option('--patience <rounds>', 'no more rounds once so many brought no gain', whole(1, 1000))
    .option('--min-gain <share>', 'with --patience: what counts as a gain (default: any)', positive);
  withExample(
    withConnection(start),
    'round start digits --count 5 --min 40 --target 47 --deadline 300',
    'round start digits --count 20 --min 40 --until-accuracy 0.95 --patience 3 --min-gain 0.005',
    'round start digits --from 7 --min 40',
  ).action(startRounds);
}

async function startRounds(useCase: string, options: StartOptions): Promise<void> {
  const { count, min, target = min, deadline: deadlineSeconds, wait, finish: finishSeconds, from } = options;
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
    ...(from === undefined ? {} : { from }),
    ...goalOf(options),
  });
  print(options, { rounds, warnings }, () => [...warnings, ...rounds].join('\n'));
}

function goalOf({ untilAccuracy: accuracy, patience, minGain }: StartOptions): Pick<StartRounds, 'until'> {
  if (minGain !== undefined && patience === undefined)
    throw new CliError(EXIT.usage, '--min-gain goes with --patience.');
  if (accuracy === undefined && patience === undefined) return {};
  return {
    until: {
      ...(accuracy === undefined ? {} : { accuracy }),
      ...(patience === undefined ? {} : { patience }),
      ...(minGain === undefined ? {} : { minGain }),
    },
  };
}

async function pauseRounds(useCase: string, options: TalkOptions): Promise<void> {
  const reply = await (await findCoordinator(options)).pauseRounds(useCase);
  print(options, reply, () => `The rounds of ${useCase} are paused. One that is open goes on to its end.`);
}

async function resumeRounds(useCase: string, options: TalkOptions): Promise<void> {
  const reply = await (await findCoordinator(options)).resumeRounds(useCase);
  print(options, reply, () => `The rounds of ${useCase} go on.`);
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
