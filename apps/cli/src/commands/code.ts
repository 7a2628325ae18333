import type { Command } from 'commander';

import { answer } from './answer.js';
import { whole, withConnection, withExample, type TalkOptions } from './options.js';

interface CodeOptions extends TalkOptions {
  readonly uses: number;
  readonly expires: number;
}

export function addCode(program: Command): void {
  const code = program.command('code').description('Let devices in');
  const create = code
    .command('create')
    .argument('<use-case>')
    .description('A code with which some number of devices can enrol; shown once')
    .requiredOption('--uses <n>', 'devices it lets in', whole(1, 1_000_000))
    .option('--expires <seconds>', 'from now', whole(1, 31_536_000), 86_400);
  const revoke = code
    .command('revoke')
    .argument('<code>')
    .description('No more devices enrol with it; those that did stay');
  withExample(withConnection(revoke), 'code revoke kX2b0vT6m1d3QdJwq8sY').action(revokeCode);
  withExample(withConnection(create), 'code create digits --uses 50').action(createCode);
}

/** The bare code, so that a shell can keep it. */
const createCode = (useCase: string, { uses, expires, ...options }: CodeOptions): Promise<void> =>
  answer(
    options,
    (coordinator) => coordinator.createCode(useCase, { uses, expiresInSeconds: expires }),
    ({ code }) => code,
  );

const revokeCode = (code: string, options: TalkOptions): Promise<void> =>
  answer(
    options,
    (coordinator) => coordinator.revokeCode(code),
    () => 'Nobody enrols with this code any more.',
  );
