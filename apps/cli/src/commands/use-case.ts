import type { Command } from 'commander';

import { CliError, EXIT } from '../cli-error.js';
import { readUseCaseFile } from '../use-case-file.js';
import { findCoordinator } from '../find-coordinator.js';
import { print } from '../output/print.js';
import { renderTable } from '../output/table.js';
import { withConnection, withExample, type TalkOptions } from './options.js';

interface ChangeOptions extends TalkOptions {
  readonly set: readonly string[];
}

export function addUseCase(program: Command): void {
  const useCase = program.command('use-case').description('List use cases, create one, or change one');
  const list = useCase.command('list').description('All use cases, newest first');
  withExample(withConnection(list), 'use-case list').action(listUseCases);
  const create = useCase
    .command('create')
    .argument('<file.json>', 'id, title, layout, rules; initialModel, topology and evaluationSet may be names of files')
    .description('Create a use case from a file; files it names are uploaded');
  withExample(withConnection(create), 'use-case create digits.json').action(createUseCase);
  const change = useCase
    .command('change')
    .argument('<id>')
    .description('Change what devices do not pin of a live use case, from the start of the next epoch on')
    .requiredOption('--set <field=value...>', 'title, tokensPerSecond, keyEpochs, kMin (up), epsilonMax (down)');
  withExample(withConnection(change), 'use-case change digits --set kMin=60 title="Digits, again"').action(
    changeUseCase,
  );
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

async function changeUseCase(id: string, { set, ...options }: ChangeOptions): Promise<void> {
  const change = await (await findCoordinator(options)).changeUseCase(id, Object.fromEntries(set.map(fieldOf)));
  print(options, change, () => {
    const fields = Object.entries(change.fields).map(([name, value]) => `${name}=${value}`);
    return `From epoch ${change.fromEpoch} on ${id} has ${fields.join(', ')}.`;
  });
}

/** A number or null where it is one, else a text. */
function fieldOf(text: string): [name: string, value: string | number | null] {
  const [, name, value] = /^(\w+)=(.+)$/su.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new CliError(EXIT.usage, `"${text}" is no field=value.`);
  if (name === 'title') return [name, value];
  if (value === 'null') return [name, null];
  return [name, Number.isFinite(Number(value)) ? Number(value) : value];
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
