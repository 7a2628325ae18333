import type { Command } from 'commander';

import { readUseCaseFile } from '../use-case-file.js';
import { findCoordinator } from '../find-coordinator.js';
import { print } from '../output/print.js';
import { renderTable } from '../output/table.js';
import { withConnection, withExample, type TalkOptions } from './options.js';

export function addUseCase(program: Command): void {
  const useCase = program.command('use-case').description('List use cases, or create one');
  const list = useCase.command('list').description('All use cases, newest first');
  withExample(withConnection(list), 'use-case list').action(listUseCases);
  const create = useCase
    .command('create')
    .argument('<file.json>', 'id, title, layout, rules; initialModel, topology and evaluationSet may be names of files')
    .description('Create a use case from a file; files it names are uploaded');
  withExample(withConnection(create), 'use-case create digits.json').action(createUseCase);
}

async function listUseCases(options: TalkOptions): Promise<void> {
  const useCases = await (await findCoordinator(options)).listUseCases();
  print(options, useCases, () =>
    renderTable(
      [
        { title: 'USE CASE', value: ({ id }) => id },
        { title: 'STATE', value: ({ state, paused }) => (paused ? `${state}, paused` : state) },
        { title: 'K_MIN', value: ({ kMin }) => kMin, right: true },
        { title: 'PARAMETERS', value: ({ parameters }) => parameters, right: true },
        {
          title: 'ENCODING',
          value: ({ encoding }) => (typeof encoding === 'object' ? `top ${encoding.topK}` : encoding),
        },
        { title: 'CREATED', value: ({ createdAt }) => createdAt },
        { title: 'TITLE', value: ({ title }) => title },
      ],
      useCases,
    ),
  );
}

async function createUseCase(file: string, options: TalkOptions): Promise<void> {
  const coordinator = await findCoordinator(options);
  const created = await coordinator.createUseCase(await readUseCaseFile(file, coordinator));
  print(
    options,
    created,
    () => `Use case ${created.id} is drafted; it goes live when the issuer has made its key, in a moment.`,
  );
}
