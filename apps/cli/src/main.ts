#!/usr/bin/env node
import { Command, CommanderError } from 'commander';

import { addBackup, addRestore } from './commands/backup.js';
import { addAccount } from './commands/account.js';
import { addApiKey } from './commands/api-key.js';
import { addAudit } from './commands/audit.js';
import { addCode } from './commands/code.js';
import { addCompletion } from './commands/completion.js';
import { addDemo } from './commands/demo.js';
import { addDevice } from './commands/device.js';
import { addDoctor } from './commands/doctor.js';
import { addEvaluate } from './commands/evaluate.js';
import { addGenerate } from './commands/generate.js';
import { addInvitation } from './commands/invitation.js';
import { addKey } from './commands/key.js';
import { addLog } from './commands/log.js';
import { addMetrics } from './commands/metrics.js';
import { addMigrate } from './commands/migrate.js';
import { addModel } from './commands/model.js';
import { addRestored } from './commands/restored.js';
import { addRound } from './commands/round.js';
import { addSimulate } from './commands/simulate.js';
import { addUp } from './commands/up.js';
import { addUseCase } from './commands/use-case.js';
import { CliError, EXIT, type ExitCode } from './cli-error.js';
import { addWatch, runOrWatch } from './output/watch.js';

const program = new Command('starling')
  .description('Federated learning that never learns who sent an update.')
  .exitOverride()
  .showHelpAfterError('(--help says more)')
  .addHelpText(
    'after',
    '\nExit codes: 0 done, 1 failed or refused, 2 wrong usage, 3 nothing is running at that address.',
  );
const groups = [
  addUp,
  addDemo,
  addSimulate,
  addUseCase,
  addCode,
  addRound,
  addEvaluate,
  addModel,
  addMetrics,
  addKey,
  addLog,
  addAccount,
  addInvitation,
  addApiKey,
  addAudit,
  addDevice,
  addGenerate,
];
for (const add of [...groups, addMigrate, addBackup, addRestore, addRestored, addDoctor, addCompletion]) add(program);
addWatch(program);

/* Who reads may leave first, as `head` does. Then this ends as on SIGTERM, with all that it started. */
let unread = false;
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  if (!unread) process.kill(process.pid, 'SIGTERM');
  unread = true;
});

try {
  await runOrWatch(program, process.argv);
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
