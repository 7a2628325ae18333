import { Argument, type Command } from 'commander';

import { commandTree } from '../completion/command-tree.js';
import { SCRIPTS, SHELLS, type Shell } from '../completion/scripts.js';
import { print } from '../output/print.js';
import { withExample, withJson } from './options.js';

export function addCompletion(program: Command): void {
  const command = program
    .command('completion')
    .description('Print a script with which a shell completes commands and options')
    .addArgument(new Argument('<shell>', 'which one').choices(SHELLS));
  withExample(withJson(command), 'completion bash', 'completion fish | source').action(
    (shell: Shell, options: { readonly json?: boolean }) => {
      const tree = commandTree(program);
      print(options, { commands: tree }, () => SCRIPTS[shell](tree));
    },
  );
}
