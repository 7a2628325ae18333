import type { Command } from 'commander';

import type { KeyView } from '#protocol';

import { findCoordinator } from '../find-coordinator.js';
import { print } from '../output/print.js';
import { renderTable } from '../output/table.js';
import { withConnection, withExample, withJson, type TalkOptions } from './options.js';

export function addKey(program: Command): void {
  const key = program.command('key').description('List primary keys, change one, or refuse the tokens that are out');
  const list = key
    .command('list')
    .argument('[use-case]', 'only of this use case')
    .description('Primary keys, their epochs, and how often they were used');
  withExample(withConnection(list), 'key list digits').action(listKeys);
  const rotate = key
    .command('rotate')
    .argument('<use-case>')
    .description('Have another primary key made; it is announced at least a whole epoch before it is used');
  withExample(withConnection(rotate), 'key rotate digits').action(rotateKey);
  const retire = key
    .command('retire-epoch')
    .argument('<use-case>')
    .description(
      'Emergency: refuse all tokens that are out. Ends the open round; later ones wait for the epoch after the next',
    );
  withExample(withConnection(retire), 'key retire-epoch digits').action(retireEpoch);
  addRewrap(key);
}

function addRewrap(key: Command): void {
  const rewrap = key
    .command('rewrap')
    .description('Change the master key: wrap every primary key anew, all or none. Stop issuers and intakes first')
    .addHelpText(
      'after',
      '\nIts environment: DATABASE_URL, of the role that migrates; the master key as the processes have it,\n' +
        'MASTER_KEY_FILE, MASTER_KEY or KMS_COMMAND; and the one to come, NEW_MASTER_KEY_FILE, NEW_MASTER_KEY or\n' +
        'NEW_KMS_COMMAND.',
    );
  withExample(withJson(rewrap), 'key rewrap').action(async (options: { readonly json?: boolean }) => {
    const { rewrap } = await import('../admin/rewrap.js'); // half a second that other commands need not wait
    await rewrap(options);
  });
}

async function listKeys(useCase: string | undefined, options: TalkOptions): Promise<void> {
  const keys = await (await findCoordinator(options)).listKeys(useCase);
  print(options, keys, () => renderKeys(keys));
}

function renderKeys(keys: readonly KeyView[]): string {
  const table = renderTable(
    [
      { title: 'KEY', value: ({ id }) => id },
      { title: 'USE CASE', value: ({ useCase }) => useCase },
      { title: 'FIRST EPOCH', value: ({ firstEpoch }) => firstEpoch, right: true },
      { title: 'LAST', value: ({ lastEpoch }) => lastEpoch ?? '–', right: true },
      { title: 'STATE', value: ({ state }) => state },
      { title: 'EVALUATIONS', value: ({ evaluations }) => evaluations, right: true },
    ],
    keys,
  );
  const advice = keys.flatMap(({ id, advice }) => (advice === null ? [] : [`${id}: ${advice}`]));
  return [table, ...advice].join('\n');
}

async function rotateKey(useCase: string, options: TalkOptions): Promise<void> {
  const asked = await (await findCoordinator(options)).rotateKey(useCase);
  print(
    options,
    asked,
    () => `${useCase} gets another key, for epoch ${asked.notBefore} or the one after: see "starling key list".`,
  );
}

async function retireEpoch(useCase: string, options: TalkOptions): Promise<void> {
  const retired = await (await findCoordinator(options)).retireEpoch(useCase);
  print(
    options,
    retired,
    () =>
      `Tokens of ${useCase} that are out are refused from now on. Rounds go on in epoch ${retired.firstLiveEpoch}; devices can fetch its tokens one epoch before.`,
  );
}
