import type { Command } from 'commander';

import type { RoundView, StartRounds } from '#protocol';

import { CliError, EXIT } from '../cli-error.js';
import type { CoordinatorClient } from '../coordinator-client.js';
import { findCoordinator } from '../find-coordinator.js';
import { print } from '../output/print.js';
import { describeRound, renderRoundList } from '../output/rounds.js';
import { answer } from './answer.js';
import { positive, share, whole, withConnection, withExample, type TalkOptions } from './options.js';
import { tellStarted } from './tell-started.js';

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
  const show = round.command('show').description('One round: state, counts, refusals, figures');
  withExample(withConnection(withRound(show)), 'round show 3 --use-case digits').action(showRound);
  const watch = round.command('watch').argument('<use-case>').description('Follow rounds live until all have ended');
  withExample(withConnection(watch), 'round watch digits').action(followRounds);
  const abort = round.command('abort').description('Abandon a round that is not published yet');
  withExample(withConnection(withRound(abort)), 'round abort 3 --use-case digits').action(abortRound);
  const retry = round
    .command('retry')
    .description('Start a round in the place of an abandoned one, with the same plan');
  withExample(withConnection(withRound(retry)), 'round retry 3 --use-case digits').action(retryRound);
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

const withRound = (command: Command): Command =>
  command
    .argument('<round>', 'its id, or its number in the use case')
    .option('--use-case <id>', 'whose round the number is');

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
  const coordinator = await findCoordinator(options);
  const started = await coordinator.startRounds(useCase, {
    count,
    min,
    target,
    deadlineSeconds,
    finishSeconds,
    ...(wait === undefined ? {} : { waitSeconds: wait }),
    ...(from === undefined ? {} : { from }),
    ...goalOf(options),
  });
  const text = options.json === true ? '' : await tellStarted(coordinator, started.rounds, started.warnings);
  print(options, started, () => text);
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

const pauseRounds = (useCase: string, options: TalkOptions): Promise<void> =>
  answer(
    options,
    (coordinator) => coordinator.pauseRounds(useCase),
    () =>
      `The rounds of ${useCase} are paused. One that is open goes on to its end.\n` +
      `Let them go on: npx starling round resume ${useCase}`,
  );

const resumeRounds = (useCase: string, options: TalkOptions): Promise<void> =>
  answer(
    options,
    (coordinator) => coordinator.resumeRounds(useCase),
    () => `The rounds of ${useCase} go on.`,
  );

const listRounds = (options: FilterOptions): Promise<void> =>
  answer(
    options,
    (coordinator) => coordinator.listRounds(options.useCase),
    (rounds) => renderRoundList(rounds, Date.now()),
  );

const showRound = (which: string, { useCase, ...options }: FilterOptions): Promise<void> =>
  answer(
    options,
    (coordinator) => pickRound(coordinator, which, useCase),
    (round) => describeRound(round, Date.now()),
  );

/** By its id, or by its number, which is one of each use case. */
async function pickRound(
  coordinator: CoordinatorClient,
  which: string,
  useCase: string | undefined,
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

const abortRound = (which: string, { useCase, ...options }: FilterOptions): Promise<void> =>
  answer(
    options,
    async (coordinator) => coordinator.abortRound((await pickRound(coordinator, which, useCase)).id),
    (round) =>
      `Round ${round.sequence} of ${round.useCase} is abandoned.\n` +
      `Start another in its place: npx starling round retry ${round.sequence} --use-case ${round.useCase}`,
  );

const retryRound = (which: string, { useCase, ...options }: FilterOptions): Promise<void> =>
  answer(
    options,
    async (coordinator) => coordinator.retryRound((await pickRound(coordinator, which, useCase)).id),
    (round) =>
      `Round ${round.sequence} of ${round.useCase} is in its place.\n` +
      `Follow it: npx starling round watch ${round.useCase}`,
  );
