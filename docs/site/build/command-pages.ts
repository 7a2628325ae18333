import { Help, type Command, type Option } from 'commander';

import { starlingProgram } from '../../../apps/cli/src/program.js';
import type { Page } from './pages.js';

/** Every command with its own name in front, leaves only: `use-case create`. */
export function allCommands(
  command: Command = starlingProgram(),
  path: readonly string[] = [],
): (readonly [name: string, command: Command])[] {
  const below = command.commands.flatMap((child) => allCommands(child, [...path, child.name()]));
  return command.commands.length > 0 ? below : [[path.join(' '), command]];
}

/** The reference of commands, as commander knows them. */
export function commandPage(): Page {
  const program = starlingProgram();
  const groups = program.commands.map((command) => group(command, [command.name()]));
  const text = `# Commands

\`npx starling\` is the repository's own program: build first (\`npm run build\`), then run it in its folder. Every command
has \`--help\`, and all that answer have \`--json\`.

Exit codes: 0 done, 1 failed or refused, 2 wrong usage, 3 nothing is running there.

${groups.join('\n')}`;
  return { path: 'reference/commands', text };
}

function group(command: Command, path: readonly string[]): string {
  const heading = `## ${path.join(' ')}\n\n${sentence(command.description())}\n`;
  if (command.commands.length === 0) return `${heading}\n${body(command, path)}`;
  return [heading, ...command.commands.map((child) => leaf(child, [...path, child.name()]))].join('\n');
}

const leaf = (command: Command, path: readonly string[]): string =>
  `### ${path.join(' ')}\n\n${sentence(command.description())}\n\n${body(command, path)}`;

function body(command: Command, path: readonly string[]): string {
  const help = new Help();
  const usage = `starling ${path.join(' ')} ${command.usage()}`;
  const values = command.registeredArguments
    .filter(({ description }) => description !== '')
    .map((argument) => `| \`${argument.name()}\` | ${cell(argument.description)} |`);
  const options = help
    .visibleOptions(command)
    .map((option) => `| \`${cell(option.flags)}\` | ${cell(meaning(option))} |`);
  const table = ['| | |', '|---|---|', ...values, ...options].join('\n');
  return `\`\`\`text\n${usage}\n\`\`\`\n\n${table}\n${afterwards(command)}`;
}

/** Examples and remarks that stand below a command's help. */
function afterwards(command: Command): string {
  let all = '';
  command.configureOutput({ writeOut: (text) => void (all += text) });
  command.outputHelp();
  const text = all.slice(command.helpInformation().length).trim();
  return text === '' ? '' : `\n\`\`\`text\n${text.replace(/^Example:\n/, '').replaceAll(/^ {2}/gm, '')}\n\`\`\`\n`;
}

function meaning({ description, mandatory, defaultValue, defaultValueDescription, argChoices }: Option): string {
  const extra = [
    ...(mandatory ? ['required'] : []),
    ...(argChoices === undefined ? [] : [`one of ${argChoices.map((choice) => `\`${choice}\``).join(', ')}`]),
    ...(defaultValue === undefined || defaultValue === false
      ? []
      : [`default ${defaultValueDescription ?? `\`${String(defaultValue)}\``}`]),
  ];
  return extra.length === 0 ? description : `${description} (${extra.join('; ')})`;
}

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('&lt;', '<');
