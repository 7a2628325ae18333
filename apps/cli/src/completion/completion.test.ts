import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from '@jest/globals';

import type { CommandNode } from './command-tree.js';

const MAIN = fileURLToPath(new URL('../main.js', import.meta.url));
const starling = (...args: string[]): string => execFileSync(process.execPath, [MAIN, ...args], { encoding: 'utf8' });

const script = starling('completion', 'bash');

/** What a real bash offers after these words. */
function completed(...words: string[]): string[] {
  const test = `${script}
    COMP_WORDS=(starling "$@"); COMP_CWORD=$(($# )); COMPREPLY=()
    _starling; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr, status } = spawnSync('bash', ['-c', test, 'bash', ...words], { encoding: 'utf8' });
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  return stdout.split('\n').filter((word) => word !== '');
}

describe('shell completion', () => {
  it('[CMD40] bash completes commands, the words below them, options and values', () => {
    expect(completed('ro')).toEqual(['round']);
    expect(completed('round', 'st')).toEqual(['start']);
    expect(completed('round', 'start', 'digits', '--un')).toEqual(['--until-accuracy']);
    expect(completed('round', 'list', '--wa')).toEqual(['--watch']);
    expect(completed('--json', 'model', 'sh')).toEqual(['show']);
    expect(completed('metrics', 'export', 'digits', '--format', '')).toEqual(['csv', 'json', 'tensorboard']);
    expect(completed('completion', '')).toEqual(['bash', 'zsh', 'fish']);
    expect(completed('nonsense-')).toEqual([]);
  });

  // Kills: a list that is written down by hand, and lacks the newest command.
  it('[CMD40] knows every command that --help shows, in every shell', () => {
    const { commands } = JSON.parse(starling('completion', 'bash', '--json')) as { commands: CommandNode[] };
    const help = starling('--help');
    const shown = [...help.matchAll(/^ {2}([a-z][a-z-]+)\b/gm)]
      .map(([, name]) => name!)
      .filter((name) => name !== 'help');
    expect(shown.length).toBeGreaterThan(15);
    expect(commands[0]!.words.map(({ name }) => name).sort()).toEqual(shown.sort());
    for (const shell of ['bash', 'zsh', 'fish']) {
      const text = starling('completion', shell);
      for (const { path, options } of commands) {
        expect(text).toContain(path);
        for (const { flag } of options) expect(text).toContain(flag.slice(2));
      }
    }
  });
});
