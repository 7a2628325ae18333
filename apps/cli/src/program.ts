import { Command } from 'commander';

import { addAccount } from './commands/account.js';
import { addApiKey } from './commands/api-key.js';
import { addAudit } from './commands/audit.js';
import { addBackup, addRestore } from './commands/backup.js';
import { addCode } from './commands/code.js';
import { addCompletion } from './commands/completion.js';
import { addDemo } from './commands/demo.js';
import { addDevice } from './commands/device.js';
import { addDoctor } from './commands/doctor.js';
import { addEvaluate } from './commands/evaluate.js';
import { addGenerate } from './commands/generate.js';
import { addInvitation } from './commands/invitation.js';
import { addJob } from './commands/job.js';
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
import { addWatch } from './output/watch.js';

const COMMANDS = [
  addUp,
  addDemo,
  addSimulate,
  addUseCase,
  addCode,
  addRound,
  addEvaluate,
  addModel,
  addMetrics,
  addJob,
  addKey,
  addLog,
  addAccount,
  addInvitation,
  addApiKey,
  addAudit,
  addDevice,
  addGenerate,
  addMigrate,
  addBackup,
  addRestore,
  addRestored,
  addDoctor,
  addCompletion,
];

/** All commands. The program parses with them, and the reference of commands is written from them. */
export function starlingProgram(): Command {
  const program = new Command('starling')
    .description('Federated learning that never learns who sent an update.')
    .exitOverride()
    .showHelpAfterError('(--help says more)')
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 failed or refused, 2 wrong usage, 3 nothing is running at that address.',
    );
  for (const add of COMMANDS) add(program);
  addWatch(program);
  return program;
}
