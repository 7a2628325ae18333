import type { Command } from 'commander';

import { loadedLate } from './loaded-late.js';
import { DIRECTORY, withExample, withJson } from './options.js';

export function addDevice(program: Command): void {
  const device = program.command('device').description('Devices are known to the issuer only, by their id');
  const revoke = device
    .command('revoke')
    .argument('<id>', 'which the device knows itself by')
    .description('It gets no more tokens. Those it holds stay good until their epoch is over: see "key retire-epoch"')
    .option('--directory <path>', 'of a Starling on this machine', DIRECTORY)
    .addHelpText(
      'after',
      '\nWith DATABASE_URL set, of the role that owns the tables, it is that PostgreSQL; else the one in the directory.\n' +
        'No API key can do this: the coordinator does not know devices.',
    );
  withExample(withJson(revoke), 'device revoke 8c9d3c1e-5f0e-4f5c-9f57-3d0a3a3f6a52').action(
    loadedLate(async () => (await import('../admin/revoke-device.js')).revokeDevice),
  );
}
