import type { Command } from 'commander';

import type { UseCaseView } from '#protocol';

import { CliError, EXIT } from '../cli-error.js';
import { readUseCaseFile } from '../use-case-file.js';
import { renderTable } from '../output/table.js';
import { answer } from './answer.js';
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

const listUseCases = (options: TalkOptions): Promise<void> =>
  answer(options, (coordinator) => coordinator.listUseCases(), renderUseCases);

const renderUseCases = (useCases: readonly UseCaseView[]): string =>
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
  );

const changeUseCase = (id: string, { set, ...options }: ChangeOptions): Promise<void> =>
  answer(
    options,
    (coordinator) => coordinator.changeUseCase(id, Object.fromEntries(set.map(fieldOf))),
    ({ fromEpoch, fields }) => {
      const values = Object.entries(fields).map(([name, value]) => `${name}=${value}`);
      return `From epoch ${fromEpoch} on ${id} has ${values.join(', ')}.`;
    },
  );

/** A number or null where it is one, else a text. */
function fieldOf(text: string): [name: string, value: string | number | null] {
  const [, name, value] = /^(\w+)=(.+)$/su.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new CliError(EXIT.usage, `"${text}" is no field=value.`);
  if (name === 'title') return [name, value];
  if (value === 'null') return [name, null];
  return [name, Number.isFinite(Number(value)) ? Number(value) : value];
}

const createUseCase = (file: string, options: TalkOptions): Promise<void> =>
  answer(
    options,
    async (coordinator) => coordinator.createUseCase(await readUseCaseFile(file, coordinator)),
    ({ id }) =>
      `Use case ${id} is drafted; it goes live when the issuer has made its key, in a moment.\n` +
      `Then let devices in: npx starling code create ${id} --uses 50`,
  );
