import type { Command } from 'commander';

import type { KeyView } from '#protocol';

import { renderTable } from '../output/table.js';
import { answer } from './answer.js';
import { loadedLate } from './loaded-late.js';
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
  withExample(withJson(rewrap), 'key rewrap').action(
    loadedLate(async () => (await import('../admin/rewrap.js')).rewrap),
  );
}

const listKeys = (useCase: string | undefined, options: TalkOptions): Promise<void> =>
  answer(options, (coordinator) => coordinator.listKeys(useCase), renderKeys);

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

const rotateKey = (useCase: string, options: TalkOptions): Promise<void> =>
  answer(
    options,
    (coordinator) => coordinator.rotateKey(useCase),
    ({ notBefore }) =>
      `${useCase} gets another key, for epoch ${notBefore} or the one after: see "npx starling key list ${useCase}".`,
  );

const retireEpoch = (useCase: string, options: TalkOptions): Promise<void> =>
  answer(
    options,
    (coordinator) => coordinator.retireEpoch(useCase),
    ({ firstLiveEpoch }) =>
      `Tokens of ${useCase} that are out are refused from now on. Rounds go on in epoch ${firstLiveEpoch}; devices can fetch its tokens one epoch before.`,
  );
