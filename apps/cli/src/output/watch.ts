import { setTimeout as sleep } from 'node:timers/promises';

import type { Command } from 'commander';

import { Screen } from './screen.js';

/** Between two answers. */
const EVERY_MS = 2000;
const FLAG = '--watch';
/** What shows something and changes nothing. */
const WATCHABLE = new Set(['list', 'show']);

/** A command asked to be shown again and again. */
class WatchAsked extends Error {}

/** Gives every command that lists or shows something the option `--watch`. */
export function addWatch(program: Command): void {
  for (const command of program.commands) {
    if (WATCHABLE.has(command.name())) {
      command.option(FLAG, 'show it again every 2 s, until Ctrl-C').hook('preAction', () => {
        if (command.opts()['watch'] === true) throw new WatchAsked();
      });
    }
    addWatch(command);
  }
}

/**
 * Runs what the arguments say, once or, with `--watch`, again and again: in place on a terminal, elsewhere each answer
 * that is another one than before.
 */
export async function runOrWatch(program: Command, argv: readonly string[]): Promise<void> {
  try {
    await program.parseAsync(argv);
  } catch (error) {
    if (!(error instanceof WatchAsked)) throw error;
    await watch(() => program.parseAsync(argv.filter((word) => word !== FLAG)));
  }
}

async function watch(run: () => Promise<unknown>): Promise<never> {
  const screen = new Screen(process.stdout);
  process.once('SIGINT', () => {
    screen.done();
    process.exit(0);
  });
  // What is wrong from the start is said as without --watch.
  let text = await captured(run);
  for (let last = ''; ; text = await captured(run).catch((error: unknown) => (error as Error).message)) {
    if (process.stdout.isTTY) screen.move(text);
    else if (text !== last) process.stdout.write(`${text}\n`);
    last = text;
    await sleep(EVERY_MS);
  }
}

/** What a command prints. */
async function captured(run: () => Promise<unknown>): Promise<string> {
  const { stdout } = process;
  const own = Object.getOwnPropertyDescriptor(stdout, 'write');
  let text = '';
  stdout.write = ((part: string | Uint8Array): boolean => {
    text += typeof part === 'string' ? part : Buffer.from(part).toString('utf8');
    return true;
  }) as typeof stdout.write;
  try {
    await run();
  } finally {
    if (own === undefined) Reflect.deleteProperty(stdout, 'write');
    else Object.defineProperty(stdout, 'write', own);
  }
  return text.trimEnd();
}
