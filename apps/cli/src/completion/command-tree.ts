import type { Command, Option } from 'commander';

/** A command as a shell has to know it. */
export interface CommandNode {
  /** words after `starling`, with blanks between them; empty for the program itself */
  readonly path: string;
  readonly description: string;
  /** the words that may follow, with what they do */
  readonly words: readonly { readonly name: string; readonly description: string }[];
  readonly options: readonly {
    readonly flag: string;
    readonly description: string;
    readonly takesValue: boolean;
    readonly choices: readonly string[];
  }[];
}

const HELP = { flag: '--help', description: 'explain it', takesValue: false, choices: [] };

/** Every command of the program, read off commander's own tree: nothing is written down twice. */
export function commandTree(command: Command, path: readonly string[] = []): CommandNode[] {
  const below = command.commands.filter((one) => one.name() !== 'help');
  const words = below.map((one) => ({ name: one.name(), description: one.description() }));
  const values = command.registeredArguments.flatMap(({ argChoices = [] }) =>
    argChoices.map((name) => ({ name, description: '' })),
  );
  const node: CommandNode = {
    path: path.join(' '),
    description: command.description(),
    words: [...words, ...values],
    options: [...command.options.flatMap(asOption), HELP],
  };
  return [node, ...below.flatMap((one) => commandTree(one, [...path, one.name()]))];
}

const asOption = ({
  long,
  description,
  required,
  optional,
  argChoices = [],
  hidden,
}: Option): CommandNode['options'] =>
  long == null || hidden ? [] : [{ flag: long, description, takesValue: required || optional, choices: argChoices }];
