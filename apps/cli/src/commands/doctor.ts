import type { Command } from 'commander';

import { loadedLate } from './loaded-late.js';
import { DIRECTORY, withExample, withJson } from './options.js';

export function addDoctor(program: Command): void {
  const command = program
    .command('doctor')
    .description('Say what is wrong with a set-up, and what to do next; exit code 1 if something is')
    .option('--directory <path>', 'of a Starling on this machine', DIRECTORY);
  withExample(withJson(command), 'doctor', 'doctor --directory /srv/starling').action(
    loadedLate(async () => (await import('../doctor/doctor.js')).doctor),
  );
}
