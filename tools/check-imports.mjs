// `depcruise` says "no violations" over 0 modules when it cannot parse TypeScript, so look at what it cruised as well.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';

const { stdout, stderr } = spawnSync(
  'node_modules/.bin/depcruise',
  ['apps', 'libs', '--config', '.dependency-cruiser.mjs', '--output-type', 'json'],
  {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  },
);
if (stdout === '') throw new Error(`depcruise printed nothing: ${stderr}`);
const { modules, summary } = JSON.parse(stdout);
for (const { rule, from, to } of summary.violations) console.error(`${rule.name}: ${from} -> ${to}`);

const ours = new Set(modules.map(({ source }) => source).filter((source) => /^(apps|libs)\/.*\.tsx?$/.test(source)));
const files = ['apps', 'libs'].flatMap((root) =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /(?<!\.d)\.tsx?$/.test(entry.name))
    .map((entry) => `${entry.parentPath ?? entry.path}/${entry.name}`),
);
const unseen = files.filter((file) => !ours.has(file));
// Nobody imports across folders without a dependency of kind `#name`: none seen means aliases did not resolve.
const aliases = modules
  .flatMap(({ dependencies }) => dependencies)
  .filter(({ module, resolved }) => module.startsWith('#') && resolved.startsWith('libs/'));
for (const file of unseen) console.error(`not seen by the checker: ${file}`);
console.log(`${ours.size} modules, ${aliases.length} imports between libs, ${summary.violations.length} violations`);
process.exitCode = summary.violations.length > 0 || unseen.length > 0 || aliases.length < 20 ? 1 : 0;
