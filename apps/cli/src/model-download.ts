import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';

import { Digest, type ModelView } from '#protocol';

import { CliError, EXIT } from './cli-error.js';
import type { CoordinatorClient } from './coordinator-client.js';

export interface ModelFiles {
  /** SHA-256 of the safetensors file, hex */
  readonly digest: string;
  readonly safetensors: string;
  /** `model.json`, with `weights.bin` beside it; null for a use case without topology */
  readonly layers: string | null;
}

/** The digest of what a person named: a digest, `use-case` or `use-case@version`. @throws CliError */
export async function resolveModel(coordinator: Pick<CoordinatorClient, 'listModels'>, which: string): Promise<string> {
  return Digest.safeParse(which).success ? which : (await findModel(coordinator, which)).digest;
}

/** The version that a person named. @throws CliError */
export async function findModel(coordinator: Pick<CoordinatorClient, 'listModels'>, which: string): Promise<ModelView> {
  const isDigest = Digest.safeParse(which).success;
  const [useCase, version] = which.split('@');
  const models = await coordinator.listModels(isDigest ? undefined : useCase);
  const isIt = (model: ModelView): boolean => version === undefined || String(model.version) === version;
  const found = models.find((model) => (isDigest ? model.digest === which : isIt(model)));
  if (found === undefined) throw new CliError(EXIT.failed, `There is no model ${which}.`);
  return found;
}

/**
 * Downloads a model and writes it in both formats, after checking that the safetensors bytes have the digest and that the
 * layers' weights are the very same numbers.
 *
 * @throws CliError exit code 1 when a check fails; nothing is written then
 */
export async function downloadModel(
  coordinator: Pick<CoordinatorClient, 'downloadModel' | 'downloadLayers'>,
  digest: string,
  directory: string,
): Promise<ModelFiles> {
  const bytes = await coordinator.downloadModel(digest);
  if (createHash('sha256').update(bytes).digest('hex') !== digest) {
    throw new CliError(EXIT.failed, `What the coordinator sent for ${digest} has another digest: nothing was written.`);
  }
  const layers = await coordinator.downloadLayers(digest).catch((error: unknown) => {
    if (error instanceof CliError && error.code === 'not_found') return undefined;
    throw error;
  });
  if (layers !== undefined && Buffer.compare(numbersOf(bytes), layers.weights) !== 0) {
    throw new CliError(
      EXIT.failed,
      `The layers format of ${digest} holds other numbers than the model: nothing was written.`,
    );
  }
  const path = (name: string): string => resolve(directory, name);
  await mkdir(directory, { recursive: true });
  await writeFile(path('model.safetensors'), bytes);
  if (layers === undefined) return { digest, safetensors: path('model.safetensors'), layers: null };
  await writeFile(path('weights.bin'), layers.weights);
  await writeFile(path('model.json'), layers.modelJson);
  return { digest, safetensors: path('model.safetensors'), layers: path('model.json') };
}

/** What follows a safetensors file's header: all numbers, float32 little-endian, in the layout's order. */
function numbersOf(safetensors: Uint8Array): Uint8Array {
  const length = Number(Buffer.from(safetensors.buffer, safetensors.byteOffset, safetensors.length).readBigUInt64LE(0));
  return safetensors.subarray(8 + length);
}
