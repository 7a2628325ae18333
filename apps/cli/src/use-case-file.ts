import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

import { z } from 'zod';

import { CreateUseCase, Digest } from '#protocol';

import { CliError, EXIT } from './cli-error.js';
import type { CoordinatorClient } from './coordinator-client.js';

/** Fields that are digests on the wire and may be names of files here, relative to the JSON file. */
const FILES = ['initialModel', 'topology', 'evaluationSet'] as const;

/**
 * A use case from a JSON file: what `POST /v1/use-cases` takes, where files it names are uploaded and become their digests.
 *
 * @param more  fields that replace the file's
 * @throws CliError exit code 1 when a file cannot be read or does not fit, naming every field that is wrong
 */
export async function readUseCaseFile(
  path: string,
  coordinator: Pick<CoordinatorClient, 'upload'>,
  more: Partial<z.input<typeof CreateUseCase>> = {},
): Promise<CreateUseCase> {
  const draft = { ...parse(path, (await read(path)).toString('utf8')), ...more };
  for (const field of FILES) {
    const value = draft[field];
    if (typeof value === 'string' && !Digest.safeParse(value).success) {
      draft[field] = await coordinator.upload(await read(resolve(dirname(path), value)));
    }
  }
  const result = CreateUseCase.safeParse(draft);
  if (!result.success) throw new CliError(EXIT.failed, `${path} is no use case:\n${z.prettifyError(result.error)}`);
  return result.data;
}

function parse(path: string, text: string): Record<string, unknown> {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(text));
  } catch {
    throw new CliError(EXIT.failed, `${path} is no JSON object.`);
  }
}

const read = (path: string): Promise<Buffer> =>
  readFile(path).catch(() => {
    throw new CliError(EXIT.failed, `The file ${path} cannot be read.`);
  });
