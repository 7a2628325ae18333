import type { CommandNode } from './command-tree.js';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

type Tree = readonly CommandNode[];

/** A script that a shell reads at its start. Names are of our own making: letters, digits and dashes. */
export const SCRIPTS: Readonly<Record<Shell, (tree: Tree) => string>> = { bash, zsh, fish };

const paths = (tree: Tree): string[] => tree.flatMap(({ path }) => (path === '' ? [] : [`'${path}'`]));
const flagsOf = ({ options }: CommandNode): string => options.map(({ flag }) => flag).join(' ');
const wordsOf = ({ words }: CommandNode): string => words.map(({ name }) => name).join(' ');

/** `path --option` for each option of which all values are known. */
const choices = (tree: Tree): (readonly [key: string, values: string])[] =>
  tree.flatMap(({ path, options }) =>
    options
      .filter((one) => one.choices.length > 0)
      .map((one) => [`${path} ${one.flag}`.trim(), one.choices.join(' ')] as const),
  );

function bash(tree: Tree): string {
  const cases = tree.map((node) => `    '${node.path}') words='${wordsOf(node)}'; flags='${flagsOf(node)}' ;;`);
  const values = choices(tree).map(([key, list]) => `    '${key}') words='${list}'; flags=''; return ;;`);
  return `# Put  source <(starling completion bash)  into ~/.bashrc
_starling_words() {
  local at='' next i
  words='' flags=''
  for ((i = 1; i < COMP_CWORD; i++)); do
    next=\${at:+$at }\${COMP_WORDS[i]}
    case "$next" in ${paths(tree).join('|')}) at=$next ;; esac
  done
  case "\${at:+$at }\${COMP_WORDS[COMP_CWORD-1]}" in
${values.join('\n')}
  esac
  case "$at" in
${cases.join('\n')}
  esac
}
_starling() {
  local cur=\${COMP_WORDS[COMP_CWORD]} words flags
  _starling_words
  if [[ $cur == -* ]]; then COMPREPLY=($(compgen -W "$flags" -- "$cur"))
  elif [[ -n $words ]]; then COMPREPLY=($(compgen -W "$words" -- "$cur"))
  else COMPREPLY=($(compgen -f -- "$cur"))
  fi
}
complete -F _starling starling`;
}

function zsh(tree: Tree): string {
  const cases = tree.map((node) => `    '${node.path}') list=(${wordsOf(node)}); flags=(${flagsOf(node)}) ;;`);
  const values = choices(tree).map(([key, list]) => `    '${key}') compadd -- ${list}; return ;;`);
  return `#compdef starling
# Put  source <(starling completion zsh)  into ~/.zshrc, after compinit
_starling() {
  local at='' next i
  local -a list flags
  for ((i = 2; i < CURRENT; i++)); do
    next="\${at:+$at }\${words[i]}"
    case "$next" in (${paths(tree).join('|')}) at="$next" ;; esac
  done
  case "\${at:+$at }\${words[CURRENT-1]}" in
${values.map((line) => line.replace("'", "('")).join('\n')}
  esac
  case "$at" in
${cases.map((line) => line.replace("'", "('")).join('\n')}
  esac
  if [[ "\${words[CURRENT]}" == -* ]]; then compadd -- $flags
  elif ((\${#list})); then compadd -- $list
  else _files
  fi
}
compdef _starling starling`;
}

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

function fish(tree: Tree): string {
  const lines = tree.flatMap(({ path, words, options }) => {
    const at = `-n ${quoted(`__starling_at "${path}"`)}`;
    return [
      ...words.map(({ name, description }) => `complete -c starling -f ${at} -a ${name} -d ${quoted(description)}`),
      ...options.map(({ flag, description, takesValue, choices: values }) => {
        const value = values.length > 0 ? ` -x -a ${quoted(values.join(' '))}` : takesValue ? ' -r' : '';
        return `complete -c starling ${at} -l ${flag.slice(2)} -d ${quoted(description)}${value}`;
      }),
    ];
  });
  return `# Put  starling completion fish | source  into ~/.config/fish/config.fish
function __starling_at
  set -l at ''
  for word in (commandline -opc)[2..-1]
    set -l next (string trim -- "$at $word")
    switch $next
      case ${paths(tree).join(' ')}
        set at $next
    end
  end
  test "$at" = "$argv[1]"
end
${lines.join('\n')}`;
}
