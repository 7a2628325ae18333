import { bytesToHex } from '@noble/hashes/utils.js';

import type { Hashes } from '#credential';
import { decodeFloat32LE, decodeSafetensors, type NamedTensor } from '#learning';
import { equalBytes, parameterCount, type Manifest } from '#protocol';

import { askBytes, type Asker } from './ask.js';
import { ClientError } from './errors.js';

/** What a safetensors header may take on top of the numbers. */
const HEADER_BYTES = 2 ** 20 + 8;

/** The model that a round starts from. */
export interface RoundModel {
  /** layout order, float32; a view of what came, where that is aligned */
  readonly parameters: Float32Array;
  /** nobody else has their memory: once they are needed no more, it may be written over */
  readonly isFresh: boolean;
}

/**
 * Downloads the model a round starts from. Its bytes must hash to what the record says: everybody
 * trains on the same model, or nobody does.
 *
 * @throws ClientError `wrong_model`, and those of `ask`
 */
export async function fetchModel(
  asker: Asker & { readonly hashes: Hashes },
  coordinator: string,
  digest: Uint8Array,
  manifest: Manifest,
): Promise<RoundModel> {
  const question = () => ({ url: `${coordinator}/v1/models/${bytesToHex(digest)}` });
  const { bytes, isFresh = false } = await askBytes(asker, question, 4 * parameterCount(manifest) + HEADER_BYTES);
  if (!equalBytes(asker.hashes.sha256(bytes), digest)) {
    throw new ClientError('wrong_model', 'the model is not the one the round record names');
  }
  const tensors = decode(bytes);
  if (!fits(tensors, manifest.layout))
    throw new ClientError('wrong_model', "the model does not have the manifest's layout");
  // The file's numbers, and nothing else, stand at its end in this very order.
  const parameters = decodeFloat32LE(bytes.subarray(bytes.length - 4 * parameterCount(manifest)));
  return { parameters, isFresh };
}

function decode(bytes: Uint8Array): NamedTensor[] {
  try {
    return decodeSafetensors(bytes);
  } catch (cause) {
    throw new ClientError('wrong_model', 'the model is no safetensors file of float32', { cause });
  }
}

const fits = (tensors: readonly NamedTensor[], layout: Manifest['layout']): boolean =>
  tensors.length === layout.length &&
  layout.every(({ name, shape }, i) => {
    const tensor = tensors[i]!;
    return (
      tensor.name === name && tensor.shape.length === shape.length && shape.every((size, j) => size === tensor.shape[j])
    );
  });
