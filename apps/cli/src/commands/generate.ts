import { InvalidArgumentError, type Command } from 'commander';

import { addressOf } from '../find-coordinator.js';
import { print } from '../output/print.js';
import { renderFacts } from '../output/table.js';
import { readRunning } from '../stack/running.js';
import { withConnection, withExample, type TalkOptions } from './options.js';

interface Options extends TalkOptions {
  readonly out: string;
  readonly deploymentKey?: string;
}

export function addGenerate(program: Command): void {
  const command = program
    .command('generate')
    .argument('<use-case>', 'whose devices the project is for')
    .description('Write a typed TypeScript project of a device, from the signed manifest of a use case')
    .requiredOption('--out <directory>', 'where the project goes: a new or empty folder')
    .option('--deployment-key <hex>', 'that signs the manifest (default: of the Starling in the directory)', publicKey);
  withExample(withConnection(command), 'generate digits --out ./digits-device').action(writeProject);
}

async function writeProject(useCase: string, options: Options): Promise<void> {
  const { generate } = await import('../generate/generate.js');
  const { url } = await addressOf(options, process.env);
  const running = await readRunning(options.directory);
  const local = running?.coordinator === url ? running.deploymentKey : undefined;
  const deploymentKey = options.deploymentKey ?? local;
  const generated = await generate({ coordinator: url, useCase, out: options.out, deploymentKey });
  print(options, generated, () =>
    renderFacts([
      ['project', generated.directory],
      ['devices pin', generated.deploymentKey],
      ...(deploymentKey === undefined
        ? ([['', 'told by the coordinator: compare it with what its operator says']] as const)
        : []),
      [
        'trains',
        generated.trains === 'softmax' ? 'softmax regression, in src/train.ts' : 'nothing yet: see src/train.ts',
      ],
      ['next', `cd ${options.out} && npm install && npm test`],
    ]),
  );
}

function publicKey(text: string): string {
  if (/^[0-9a-f]{64}$/i.test(text)) return text.toLowerCase();
  throw new InvalidArgumentError('It must be 64 hex digits.');
}
