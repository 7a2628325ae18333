/*
 * The tests on several versions of Node: `npm run test:node -- [--only 22]… [-- arguments of Jest]`.
 * A version comes from the npm package `node@NN`, once, into .cache; the one that runs this is taken as it is.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const VERSIONS = ['20', '22', '24', '26'];
const CACHE = resolve('.cache');

const { values, positionals } = parseArgs({
  options: { only: { type: 'string', multiple: true } },
  allowPositionals: true,
});
const wanted = values.only ?? VERSIONS;
const unknown = wanted.filter((version) => !VERSIONS.includes(version));
if (unknown.length > 0) {
  console.error(`--only takes ${VERSIONS.join(', ')}, not ${unknown.join(', ')}.`);
  process.exit(2);
}

const results = [];
for (const version of wanted) {
  console.log(`\n=== Node ${version}`);
  results.push(await test(version));
}
console.log('\nnode       passed  failed  seconds');
for (const { name, passed, failed, seconds } of results) {
  console.log(`${name.padEnd(9)}  ${cell(passed, 6)}  ${cell(failed, 6)}  ${cell(seconds, 7)}`);
}
const total = (what) => results.reduce((sum, result) => sum + result[what], 0);
console.log(`\n${total('passed')} passed, ${total('failed')} failed`);
process.exitCode = total('failed') > 0 ? 1 : 0;

function cell(value, width) {
  return String(value).padStart(width);
}

/** What cannot even be run has failed. */
async function test(version) {
  const started = performance.now();
  const report = join(CACHE, `tests-node-${version}.json`);
  await mkdir(CACHE, { recursive: true });
  await rm(report, { force: true });
  let name = version;
  try {
    const node = await findNode(version);
    name = (await output(node, ['--version'])).trim().slice(1);
    await run(node, ['node_modules/jest/bin/jest.js', '--json', `--outputFile=${report}`, ...positionals], {
      NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning',
      PATH: `${dirname(node)}${delimiter}${process.env.PATH}`,
    });
  } catch (error) {
    console.error(error.message);
  }
  const seconds = Math.round((performance.now() - started) / 1000);
  const counts = JSON.parse(await readFile(report, 'utf8').catch(() => '{}'));
  // A file that could not be loaded has no test that failed.
  const failed = (counts.numFailedTests ?? 1) + (counts.numRuntimeErrorTestSuites ?? 0);
  return { name, passed: counts.numPassedTests ?? 0, failed, seconds };
}

async function findNode(version) {
  if (process.versions.node.startsWith(`${version}.`)) return process.execPath;
  const home = join(CACHE, `node-${version}`);
  const node = join(home, 'node_modules', 'node', 'bin', 'node');
  if (existsSync(node)) return node;
  await mkdir(home, { recursive: true });
  await writeFile(join(home, 'package.json'), '{ "private": true }\n'); // or npm would look for one further up
  await run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', `node@${version}`], {}, home);
  return node;
}

/** @throws Error when it cannot be started; how its tests went is in the report */
function run(program, args, env, cwd = process.cwd()) {
  return new Promise((done, fail) => {
    const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: 'inherit' });
    child.once('error', fail);
    child.once('exit', () => done());
  });
}

function output(program, args) {
  return new Promise((done, fail) => {
    let text = '';
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    child.stdout.on('data', (part) => (text += part));
    child.once('error', fail);
    child.once('exit', (code) => (code === 0 ? done(text) : fail(new Error(`${program} does not run here`))));
  });
}
