import { Option, type Command } from 'commander';

import { SCOPES, type Scope } from '#protocol';

import { renderTable } from '../output/table.js';
import { answer } from './answer.js';
import { withConnection, withExample, type TalkOptions } from './options.js';

interface CreateOptions extends TalkOptions {
  readonly scopes: readonly Scope[];
}

export function addApiKey(program: Command): void {
  const apiKey = program.command('api-key').description("Researchers' keys: make, list, revoke");
  const create = apiKey
    .command('create')
    .argument('<name>', 'for people')
    .description('A key with some scopes; shown once and kept as a hash')
    .addOption(new Option('--scopes <scope...>', 'what it may do').choices(SCOPES).makeOptionMandatory());
  withExample(withConnection(create), 'api-key create ann --scopes rounds:write models:read').action(createKey);
  const list = apiKey.command('list').description('All keys, revoked ones too; never the keys themselves');
  withExample(withConnection(list), 'api-key list').action(listKeys);
  const revoke = apiKey
    .command('revoke')
    .argument('<id>', 'as "api-key list" shows it')
    .description('It is none from now on');
  withExample(withConnection(revoke), 'api-key revoke 0f3c9a51d2e47b68').action(revokeKey);
}

const createKey = (name: string, { scopes, ...options }: CreateOptions): Promise<void> =>
  answer(
    options,
    (coordinator) => coordinator.createApiKey({ name, scopes: [...scopes] }),
    ({ key }) => key,
  );

const listKeys = (options: TalkOptions): Promise<void> =>
  answer(
    options,
    (coordinator) => coordinator.listApiKeys(),
    (keys) =>
      renderTable(
        [
          { title: 'ID', value: ({ id }) => id },
          { title: 'NAME', value: ({ name }) => name },
          { title: 'STATE', value: ({ revoked }) => (revoked ? 'revoked' : 'good') },
          { title: 'MADE', value: ({ createdAt }) => createdAt },
          { title: 'SCOPES', value: ({ scopes }) => scopes.join(' ') },
        ],
        keys,
      ),
  );

const revokeKey = (id: string, options: TalkOptions): Promise<void> =>
  answer(
    options,
    (coordinator) => coordinator.revokeApiKey(id),
    () => `The API key ${id} is none any more.`,
  );
