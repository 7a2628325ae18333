import { InvalidArgumentError, Option, type Command } from 'commander';

import type { ConnectionOptions } from '../find-coordinator.js';

/** Where a Starling keeps everything, unless one says otherwise. */
export const DIRECTORY = './data';

/** What every command that talks to a coordinator understands. */
export interface TalkOptions extends ConnectionOptions {
  readonly json?: boolean;
}

export function withConnection(command: Command): Command {
  return withJson(
    command
      .option('--url <url>', 'coordinator (default: STARLING_URL, else the one running in the directory)')
      .option('--key <key>', 'API key (default: STARLING_API_KEY, else the one in the directory)')
      .option('--directory <path>', 'of a Starling on this machine', DIRECTORY),
  );
}

export const withJson = (command: Command): Command => command.option('--json', 'answer in JSON');

/** One example below a command's help; the rest is for `--help` of the command itself. */
export const withExample = (command: Command, ...lines: readonly string[]): Command =>
  command.addHelpText('after', `\nExample:\n${lines.map((line) => `  $ npx starling ${line}`).join('\n')}`);

/** A whole number from `min` to `max`, or the sentence commander prints. */
export const whole =
  (min: number, max = Number.MAX_SAFE_INTEGER) =>
  (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max) {
      const bounds = max === Number.MAX_SAFE_INTEGER ? `${min} or more` : `${min} to ${max}`;
      throw new InvalidArgumentError(`It must be a whole number, ${bounds}.`);
    }
    return value;
  };

export function positive(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0)
    throw new InvalidArgumentError('It must be a number above 0.');
  return value;
}

export function share(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 1))
    throw new InvalidArgumentError('It must be a number from 0 to 1.');
  return value;
}

export const choice = (flags: string, description: string, values: readonly string[]): Option =>
  new Option(flags, description).choices(values);
