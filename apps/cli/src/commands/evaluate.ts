import type { Command } from 'commander';

import { CliError, EXIT } from '../cli-error.js';
import { findCoordinator } from '../find-coordinator.js';
import { print } from '../output/print.js';
import { positive, whole, withConnection, withExample, type TalkOptions } from './options.js';
import { tellStarted } from './tell-started.js';

interface EvaluateOptions extends TalkOptions {
  readonly version?: number;
  readonly min: number;
  readonly target?: number;
  readonly lossBound: number;
  readonly deadline: number;
  readonly wait?: number;
  readonly finish: number;
}

const COUNT = 1_000_000;
const YEAR = 31_536_000;

export function addEvaluate(program: Command): void {
  const command = program
    .command('evaluate')
    .argument('<use-case>')
    .description('Let devices measure a model on data that they do not train on, in a round of its own')
    .option('--version <n>', 'the model version (default: the newest)', whole(0, 1_000_000_000))
    .requiredOption('--min <n>', 'devices it needs, at least the k_min of the use case', whole(1, COUNT))
    .option('--target <n>', 'devices after which it closes (default: as many as --min)', whole(1, COUNT))
    .option('--loss-bound <loss>', "a device's loss counts as this at most", positive, 10)
    .option('--deadline <seconds>', 'after which it closes with what it has', whole(1, 604_800), 600)
    .option('--wait <seconds>', 'it waits for its tokens, once it is its turn (default: a day or more)', whole(1, YEAR))
    .option('--finish <seconds>', 'it waits for the worker, at each step', whole(1, YEAR), 3600);
  withExample(
    withConnection(command),
    'evaluate digits --min 40 --target 47',
    'evaluate digits --version 3 --min 40 --loss-bound 5',
  ).action(evaluate);
}

async function evaluate(useCase: string, options: EvaluateOptions): Promise<void> {
  const { version, min, target = min, lossBound, deadline: deadlineSeconds, wait, finish: finishSeconds } = options;
  if (target < min) throw new CliError(EXIT.usage, `--target ${target} is below --min ${min}.`);
  const coordinator = await findCoordinator(options);
  const started = await coordinator.startEvaluation(useCase, {
    min,
    target,
    lossBound,
    deadlineSeconds,
    finishSeconds,
    ...(version === undefined ? {} : { version }),
    ...(wait === undefined ? {} : { waitSeconds: wait }),
  });
  const text = options.json === true ? '' : await tellStarted(coordinator, [started.round], started.warnings);
  print(options, started, () => text);
}
