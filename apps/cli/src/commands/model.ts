import type { Command } from 'commander';

import type { ModelView } from '#protocol';

import { findCoordinator } from '../find-coordinator.js';
import { downloadModel, findModel, resolveModel } from '../model-download.js';
import { describeModel } from '../output/models.js';
import { percent } from '../output/figures.js';
import { print } from '../output/print.js';
import { renderFacts, renderTable } from '../output/table.js';
import { answer } from './answer.js';
import { withConnection, withExample, type TalkOptions } from './options.js';

export function addModel(program: Command): void {
  const model = program.command('model').description('List models, or download one');
  const list = model
    .command('list')
    .description('Model versions, newest first')
    .option('--use-case <id>', 'only of this use case');
  withExample(withConnection(list), 'model list --use-case digits').action(listModels);
  const show = model
    .command('show')
    .argument('<model>', 'a digest, a use case (its newest model), or use-case@version')
    .description('Where a model comes from: its round, the version before it, strategy, encoding, ε, log');
  withExample(withConnection(show), 'model show digits@3').action(showModel);
  const download = model
    .command('download')
    .argument('<model>', 'a digest, a use case (its newest model), or use-case@version')
    .description('Download a model as safetensors and in TensorFlow.js layers format, checked against its digest')
    .requiredOption('--out <directory>', 'where model.safetensors, model.json and weights.bin go');
  withExample(
    withConnection(download),
    'model download digits --out ./digits',
    'model download digits@3 --out ./third',
  ).action(saveModel);
}

const listModels = (options: TalkOptions & { readonly useCase?: string }): Promise<void> =>
  answer(options, (coordinator) => coordinator.listModels(options.useCase), renderModels);

const renderModels = (models: readonly ModelView[]): string =>
  renderTable(
    [
      { title: 'MODEL', value: ({ useCase, version }) => `${useCase}@${version}` },
      { title: 'ROUND', value: ({ round }) => round ?? '–', right: true },
      { title: 'FROM', value: ({ parent }) => parent ?? '–', right: true },
      { title: 'ACCURACY', value: ({ accuracy }) => percent(accuracy), right: true },
      { title: 'LOSS', value: ({ loss }) => loss?.toFixed(4) ?? '–', right: true },
      { title: 'ON DEVICES', value: ({ onDevices }) => percent(onDevices?.accuracy ?? null), right: true },
      { title: 'PARAMETERS', value: ({ parameters }) => parameters, right: true },
      { title: 'CREATED', value: ({ createdAt }) => createdAt },
      { title: 'SHA-256', value: ({ digest }) => digest },
    ],
    models,
  );

const showModel = (which: string, options: TalkOptions): Promise<void> =>
  answer(options, (coordinator) => findModel(coordinator, which), describeModel);

async function saveModel(which: string, { out, ...options }: TalkOptions & { readonly out: string }): Promise<void> {
  const coordinator = await findCoordinator(options);
  const files = await downloadModel(coordinator, await resolveModel(coordinator, which), out);
  print(options, files, () =>
    renderFacts([
      ['SHA-256', files.digest],
      ['safetensors', files.safetensors],
      ['TensorFlow.js', files.layers ?? 'not to be had: the use case has no topology'],
    ]),
  );
}
