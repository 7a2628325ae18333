import { CliError, EXIT } from '../cli-error.js';
import { Lifetime } from '../lifetime.js';
import { print } from '../output/print.js';
import { renderFacts } from '../output/table.js';
import { keepStack } from './keep-stack.js';
import { inviteFirstOwner } from './first-owner.js';
import type { Stack } from './stack.js';

export interface UpOptions {
  readonly directory: string;
  readonly json?: boolean;
}

/** A whole Starling until it is stopped. */
export async function up(options: UpOptions): Promise<void> {
  await new Lifetime().run((lifetime) => keepUp(options, lifetime));
}

async function keepUp(options: UpOptions, lifetime: Lifetime): Promise<void> {
  const started = (name: string, address: string): void => {
    if (options.json !== true) process.stdout.write(`${renderFacts([[name.padEnd(11), address]])}\n`);
  };
  let fail: (error: Error) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => (fail = reject));
  failed.catch(() => undefined);
  const stack = await keepStack(lifetime, {
    directory: options.directory,
    onStarted: started,
    onNotice: (text) => process.stderr.write(`${text}\n`),
    onCrash: (name, message) => {
      process.stderr.write(`${message}\n`);
      if (name === 'postgresql') fail(new CliError(EXIT.failed, 'PostgreSQL is gone, so everything stops.'));
    },
  });
  const signUp = await inviteFirstOwner(stack);
  print(
    options,
    {
      ...stack.urls,
      dashboard: `${stack.urls.coordinator}/ui/`,
      pid: process.pid,
      apiKeyFile: keyFile(stack),
      deploymentKey: stack.secrets.deploymentKey,
      signUp: signUp ?? null,
    },
    () => welcome(stack, signUp),
  );
  await Promise.race([lifetime.untilStopped(), failed]);
}

/** Nobody has an account yet: whoever opens it becomes the owner. */
const SIGN_UP = 'sign up';
const keyFile = ({ directory }: Stack): string => `${directory}/secrets/api-key`;

const welcome = (stack: Stack, signUp: string | undefined): string =>
  `\n${renderFacts([
    ['dashboard'.padEnd(11), `${stack.urls.coordinator}/ui/`],
    ['API', `${stack.urls.coordinator}/docs`],
    ['API key', `in ${keyFile(stack)}`],
    ['devices pin', stack.secrets.deploymentKey],
    ...(signUp === undefined ? [] : [[SIGN_UP, signUp] as const]),
  ])}\n\nCtrl-C stops everything.`;
