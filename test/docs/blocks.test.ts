import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from '@jest/globals';

import { parsePage } from './blocks.js';
import { missingLines } from './compare.js';
import { read } from './reading.js';

const SITE = fileURLToPath(new URL('../../../docs/site', import.meta.url));
const names = readdirSync(SITE, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.md'));
const fence = (info: string, code = 'true\n'): string => `\`\`\`${info}\n${code}\`\`\`\n`;

describe('commands of the documentation', () => {
  it('[DOC1] every block of every page is run, shown as it is, or says why it is not run', () => {
    const pages = names.map((name) => parsePage(name.slice(0, -3), readFileSync(join(SITE, name), 'utf8')));
    const blocks = pages.flatMap(({ blocks }) => blocks);
    const of = (kind: string): number => blocks.filter((block) => block.kind === kind).length;
    expect(of('run') + of('background')).toBeGreaterThan(30);
    // Whoever adds one that is not run raises this on purpose.
    expect(of('skip')).toBeLessThanOrEqual(9);
    const paths = new Set(pages.map(({ path }) => path));
    for (const { continues } of pages) expect(continues === undefined || paths.has(continues)).toBe(true);
  });

  // Kills: a parser that leaves out what it does not understand.
  it.each([
    ['a shell block in disguise', fence('bash'), /p:1: .* "bash"/],
    ['a block without a language', `text\n\n${fence('')}`, /p:3: .* ""/],
    ['no reason', fence('sh no-run'), /needs a reason/],
    ['a reason that is none', fence('sh no-run="slow"'), /needs a reason/],
    ['an attribute that nobody knows', fence('sh norun="needs a KMS of yours"'), /no attribute norun/],
  ])('[DOC1] refuses %s', (_, text, sentence) => {
    expect(() => parsePage('p', text)).toThrow(sentence);
  });

  it('[DOC2] compares what a page shows with what is printed, but for numbers, ids and spaces', () => {
    const printed = 'ROUND  STATE\n  12   published  8c9d3c1e-5f0e-4f5c-9f57-3d0a3a3f6a52\n';
    expect(missingLines('ROUND STATE\n1 published\n…', printed, false)).toEqual([]);
    expect(missingLines('1 abandoned', printed, false)).toEqual(['1 abandoned']);
    expect(missingLines('12 published', printed, true)).toEqual([]);
    expect(missingLines('13 published', printed, true)).toEqual(['13 published']);
  });
});

describe('reading a page', () => {
  const readText = (text: string) => read([parsePage('p', text)]);

  it('[DOC1] keeps files, variables and what runs on from block to block', async () => {
    const text = [
      fence('js file="folder/say.mjs"', 'console.log("hello", process.argv[2]);\n'),
      fence('sh background until="begun"', 'echo begun; sleep 60\n'),
      fence('sh', 'NAME=you\n'),
      fence('sh', 'node folder/say.mjs "$NAME"\n'),
      fence('text output exact', 'hello you\n'),
      fence('sh fails="3"', 'exit 3\n'),
      fence('sh no-run="needs what nobody has"', 'false\n'),
    ].join('\n');
    const reading = await readText(text);
    expect(reading).toMatchObject({ ran: 4, compared: 1, wrong: [] });
    expect(reading.skipped).toEqual(['p:25: needs what nobody has']);
  }, 60_000);

  // Kills: a runner that goes on after a failure, or looks at the last command of a block only.
  it.each([
    ['a command fails', fence('sh', 'false\necho fine\n')],
    ['one succeeds that must fail', fence('sh fails="1"')],
    ['it fails otherwise than the page says', fence('sh fails="1"', 'exit 2\n')],
    ['what runs on ends at once', fence('sh background until="ready"')],
    ['another line is printed', `${fence('sh', 'echo published\n')}${fence('text output', 'abandoned\n')}`],
  ])(
    '[DOC2] says so where %s',
    async (_, text) => {
      const { wrong } = await readText(`${text}${fence('sh')}`);
      expect(wrong).toHaveLength(1);
      expect(wrong[0]).toMatch(/^p:\d/);
    },
    60_000,
  );
});
