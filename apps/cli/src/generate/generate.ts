import { copyFile, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { ClientError } from '#client';

import { CliError, EXIT } from '../cli-error.js';
import { readBlueprint, softmaxOf, type Blueprint } from './blueprint.js';
import { projectFiles, type Versions } from './project-files.js';

const PACKAGE = fileURLToPath(new URL('../../../../client-package/', import.meta.url));
const ROOT_PACKAGE = new URL('../../../../../package.json', import.meta.url);

export interface GenerateOptions {
  readonly coordinator: string;
  readonly useCase: string;
  /** where the project goes; must not be there yet, or be empty */
  readonly out: string;
  /** hex, known from elsewhere than the coordinator */
  readonly deploymentKey?: string | undefined;
}

export interface Generated {
  readonly directory: string;
  readonly files: readonly string[];
  readonly deploymentKey: string;
  readonly trains: 'softmax' | 'nothing';
}

/**
 * Writes a typed project of a device for a use case.
 *
 * @throws CliError exit code 1 where the folder is not empty, the package was not made, or the manifest is not to be trusted
 */
export async function generate({ coordinator, useCase, out, deploymentKey }: GenerateOptions): Promise<Generated> {
  const directory = resolve(out);
  await refuseToOverwrite(directory);
  const tarball = await findTarball();
  const blueprint = await readBlueprint(coordinator, useCase, deploymentKey).catch(explain);
  const files = projectFiles(blueprint, await versionsOf(tarball));
  for (const [path, content] of files) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), content, { flag: 'wx' });
  }
  await mkdir(join(directory, 'vendor'));
  await copyFile(join(PACKAGE, tarball), join(directory, 'vendor', tarball));
  return {
    directory,
    files: [...files.keys(), `vendor/${tarball}`],
    deploymentKey: blueprint.deployment.deploymentKey,
    trains: softmaxOf(blueprint) === undefined ? 'nothing' : 'softmax',
  };
}

async function refuseToOverwrite(directory: string): Promise<void> {
  const there = await stat(directory).catch(() => undefined);
  if (there === undefined) return;
  if (there.isDirectory() && (await readdir(directory)).length === 0) return;
  throw new CliError(EXIT.failed, `${directory} is there and not empty: nothing was written. Name another --out.`);
}

async function findTarball(): Promise<string> {
  const names = await readdir(PACKAGE).catch((): string[] => []);
  const tarball = names.find((name) => name.endsWith('.tgz'));
  if (tarball !== undefined) return tarball;
  throw new CliError(EXIT.failed, 'The client package was not made yet: run "npm run pack:client" first.');
}

async function versionsOf(tarball: string): Promise<Versions> {
  const { devDependencies } = JSON.parse(await readFile(ROOT_PACKAGE, 'utf8')) as {
    devDependencies: Record<string, string>;
  };
  return { tarball, typescript: devDependencies['typescript']!, nodeTypes: devDependencies['@types/node']! };
}

function explain(error: unknown): Promise<Blueprint> {
  if (!(error instanceof ClientError)) throw error;
  const code = error.code === 'unreachable' ? EXIT.nothingRunning : EXIT.failed;
  throw new CliError(code, error.refusal?.message ?? `${error.message}.`, error.refusal?.code ?? error.code);
}
