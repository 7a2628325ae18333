/**
 * Makes `@starling/client` in dist/client-package, and a tarball of it: the device library as an npm package.
 * For browsers one module with all it needs; for Node one module that imports its four dependencies; declarations
 * of both. Nothing in it imports by a name (`#…`) that only this repository knows.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'vite';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OUT = join(ROOT, 'dist/client-package');
const TYPES = join(OUT, 'types');
const DEPENDENCIES = ['@noble/curves', '@noble/hashes', 'socket.io-client', 'zod'];
const { version, license, engines, dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

rmSync(OUT, { recursive: true, force: true });
mkdirSync(OUT, { recursive: true });
await bundle('browser', { config: join(ROOT, 'libs/client/vite.config.ts'), license: { fileName: 'licences.md' } });
await bundle('node', { config: false, ssr: 'src/node/package.ts' });
run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'libs/client/tsconfig.package.json'], ROOT);
for (const file of declarations(TYPES)) writeFileSync(file, withPaths(readFileSync(file, 'utf8'), file));
writeFileSync(join(OUT, 'package.json'), `${JSON.stringify(manifest(), undefined, 2)}\n`);
cpSync(join(ROOT, 'libs/client/package-readme.md'), join(OUT, 'README.md'));
cpSync(join(ROOT, 'LICENSE'), join(OUT, 'LICENSE'));
const tarball = run('npm', ['pack', '--silent', '--offline', '--ignore-scripts'], OUT).trim();
console.log(relative(ROOT, join(OUT, tarball)));

function bundle(folder, { config, ssr, license: licences }) {
  const node = ssr === undefined ? {} : { ssr, target: 'node20', minify: false };
  return build({
    configFile: config,
    root: join(ROOT, 'libs/client'),
    logLevel: 'warn',
    ...(ssr === undefined
      ? {}
      : { resolve: { conditions: ['source', 'node', 'import'] }, ssr: { external: DEPENDENCIES, noExternal: [/^#/] } }),
    build: {
      ...node,
      outDir: join(OUT, folder),
      emptyOutDir: true,
      sourcemap: false,
      ...(licences === undefined ? {} : { license: licences }),
      ...(ssr === undefined ? {} : { rolldownOptions: { output: { entryFileNames: 'starling.js' } } }),
    },
  });
}

function declarations(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

/** `#protocol` → the path there from this file. */
function withPaths(text, file) {
  return text.replaceAll(/(from |import\()(['"])#([^'"]+)\2/g, (_, before, quote, name) => {
    const [lib, ...folders] = name.split('/');
    const path = relative(dirname(file), join(TYPES, 'libs', lib, 'src', ...folders, 'index.js'));
    return `${before}${quote}${path.startsWith('.') ? path : `./${path}`}${quote}`;
  });
}

function manifest() {
  const of = (folder, entry) => ({
    types: `./types/libs/client/src/${entry}.d.ts`,
    default: `./${folder}/starling.js`,
  });
  const browser = of('browser', 'browser/index');
  return {
    name: '@starling/client',
    version,
    description: 'A device of a Starling deployment: enrols, fetches blind tokens, takes part in rounds of training.',
    license,
    type: 'module',
    engines,
    sideEffects: false,
    files: ['browser', 'node', 'types'],
    exports: {
      '.': { browser, node: of('node', 'node/package'), default: browser },
      './package.json': './package.json',
    },
    dependencies: Object.fromEntries(DEPENDENCIES.map((name) => [name, dependencies[name]])),
  };
}

function run(command, args, cwd) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args[0]} failed: ${stdout}${stderr}`);
  return stdout;
}
