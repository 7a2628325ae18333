#!/usr/bin/env node
import { CommanderError } from 'commander';

import { CliError, EXIT, type ExitCode } from './cli-error.js';
import { runOrWatch } from './output/watch.js';
import { starlingProgram } from './program.js';

/* Who reads may leave first, as `head` does. Then this ends as on SIGTERM, with all that it started. */
let unread = false;
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  if (!unread) process.kill(process.pid, 'SIGTERM');
  unread = true;
});

try {
  await runOrWatch(starlingProgram(), process.argv);
} catch (error) {
  process.exitCode = explain(error);
}

/** A sentence on stderr, never a stack. */
function explain(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage; // it has printed already
  const code = error instanceof CliError && error.code !== undefined ? ` (${error.code})` : '';
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}${code}\n`);
  return error instanceof CliError ? error.exitCode : EXIT.failed;
}
