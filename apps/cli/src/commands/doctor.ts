import type { Command } from 'commander';

import type { DoctorOptions } from '../doctor/doctor.js';
import { DIRECTORY, withExample, withJson } from './options.js';

export function addDoctor(program: Command): void {
  const command = program
    .command('doctor')
    .description('Say what is wrong with a set-up, and what to do next; exit code 1 if something is')
    .option('--directory <path>', 'of a Starling on this machine', DIRECTORY);
  withExample(withJson(command), 'doctor', 'doctor --directory /srv/starling').action(
    async (options: DoctorOptions) => {
      const { doctor } = await import('../doctor/doctor.js'); // half a second that other commands need not wait
      await doctor(options);
    },
  );
}
