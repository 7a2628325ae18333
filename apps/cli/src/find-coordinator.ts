import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { CliError, EXIT } from './cli-error.js';
import { CoordinatorClient, type CoordinatorAddress } from './coordinator-client.js';
import { readRunning } from './stack/running.js';

export interface ConnectionOptions {
  readonly url?: string;
  readonly key?: string;
  /** of a Starling on this machine */
  readonly directory: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The coordinator a command talks to: `--url` or STARLING_URL, else the one that runs in the directory.
 * The directory's key is only ever shown to the directory's own coordinator.
 *
 * @throws CliError exit code 3 when none is named and none runs in the directory, 2 for a URL that is none
 */
export async function findCoordinator(
  options: ConnectionOptions,
  env: Environment = process.env,
): Promise<CoordinatorClient> {
  return new CoordinatorClient(await addressOf(options, env));
}

export async function addressOf(options: ConnectionOptions, env: Environment): Promise<CoordinatorAddress> {
  const { directory } = options;
  const named = options.url ?? (env['STARLING_URL'] || undefined);
  const given = options.key ?? (env['STARLING_API_KEY'] || undefined);
  const local = (await readRunning(directory))?.coordinator;
  const url = named === undefined ? local : withoutSlash(named);
  if (url === undefined) {
    throw new CliError(
      EXIT.nothingRunning,
      `Nothing is running in ${directory}: start it with "npx starling up", or say where one runs with --url.`,
    );
  }
  const key = given ?? (url === local ? await localKey(directory) : undefined);
  return { url, key };
}

/** A base URL that paths can be put behind. @throws CliError exit code 2 for a text that is none */
export function withoutSlash(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new CliError(EXIT.usage, `"${text}" is no URL like http://127.0.0.1:4000.`);
  }
  return text.replace(/\/+$/, '');
}

const localKey = (directory: string): Promise<string | undefined> =>
  readFile(join(directory, 'secrets', 'api-key'), 'utf8').then(
    (text) => text.trim(),
    () => undefined,
  );
