import type { Command } from 'commander';

import { CliError, EXIT } from '../cli-error.js';
import { Lifetime } from '../lifetime.js';
import { print } from '../output/print.js';
import { renderFacts } from '../output/table.js';
import { keepStack } from '../stack/keep-stack.js';
import type { Stack } from '../stack/stack.js';
import { DIRECTORY, withExample, withJson } from './options.js';

interface UpOptions {
  readonly directory: string;
  readonly json?: boolean;
}

export function addUp(program: Command): void {
  const up = program
    .command('up')
    .description('Start a whole Starling on this machine: PostgreSQL, issuer, intake, coordinator, worker')
    .option('--directory <path>', 'keeps everything: database, secrets, models, logs', DIRECTORY);
  withExample(withJson(up), 'up', 'up --directory /srv/starling').action((options: UpOptions) =>
    new Lifetime().run((life) => run(options, life)),
  );
}

async function run(options: UpOptions, lifetime: Lifetime): Promise<void> {
  const started = (name: string, address: string): void => {
    if (options.json !== true) process.stdout.write(`${renderFacts([[name.padEnd(11), address]])}\n`);
  };
  let fail: (error: Error) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => (fail = reject));
  failed.catch(() => undefined);
  const stack = await keepStack(lifetime, {
    directory: options.directory,
    onStarted: started,
    onCrash: (name, message) => {
      process.stderr.write(`${message}\n`);
      if (name === 'postgresql') fail(new CliError(EXIT.failed, 'PostgreSQL is gone, so everything stops.'));
    },
  });
  print(
    options,
    { ...stack.urls, dashboard: `${stack.urls.coordinator}/ui/`, pid: process.pid, apiKeyFile: keyFile(stack) },
    () => welcome(stack),
  );
  await Promise.race([lifetime.untilStopped(), failed]);
}

const keyFile = ({ directory }: Stack): string => `${directory}/secrets/api-key`;

const welcome = (stack: Stack): string =>
  `\n${renderFacts([
    ['dashboard'.padEnd(11), `${stack.urls.coordinator}/ui/`],
    ['API', `${stack.urls.coordinator}/docs`],
    ['API key', `in ${keyFile(stack)}`],
  ])}\n\nCtrl-C stops everything.`;
