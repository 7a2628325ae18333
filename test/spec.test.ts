import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect, it } from '@jest/globals';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const ids = (text: string, pattern: RegExp): string[] =>
  [...new Set([...text.matchAll(pattern)].map(([, id]) => id!))].sort();

const tests = ['apps', 'libs', 'test']
  .flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(ROOT, folder, name)),
  )
  .filter((path) => /\.(test|contract)\.ts$/.test(path) && !path.includes('node_modules'))
  .map((path) => readFileSync(path, 'utf8'))
  .join('\n');

it('every rule of docs/spec.md has a test, and every numbered test a rule', () => {
  const rules = ids(readFileSync(join(ROOT, 'docs/spec.md'), 'utf8'), /^- \*\*([A-Z]+\d+)\*\*/gm);
  expect(rules.length).toBeGreaterThan(50);
  expect(ids(tests, /['"`]\[([A-Z]+\d+)\]/g)).toEqual(rules);
});
