import { readFile } from 'node:fs/promises';

import { describe, expect, it } from '@jest/globals';

import { mutate } from './mutant.js';
import { MUTANTS } from './mutants.js';

const ROOT = new URL('../../../', import.meta.url);

describe('npm run mutants', () => {
  it('[MUT1] every mutant changes exactly one place of a source that there is, and names rules that there are', async () => {
    const spec = await readFile(new URL('docs/spec.md', ROOT), 'utf8');
    for (const mutant of MUTANTS) {
      const text = await readFile(new URL(mutant.file, ROOT), 'utf8');
      expect(mutate(mutant, text)).not.toBe(text);
      expect(mutant.rules.filter((rule) => !spec.includes(`- **${rule}** `))).toEqual([]);
    }
    expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
  });

  // Kills: a mutant that is out of date and changes nothing, which every test would survive.
  it('[MUT1] a mutant that fits nowhere, or in two places, is an error', () => {
    const mutant = { ...MUTANTS[0]!, from: 'once' };
    expect(() => mutate(mutant, 'never')).toThrow(/0 times/);
    expect(() => mutate(mutant, 'once and once')).toThrow(/2 times/);
  });
});
