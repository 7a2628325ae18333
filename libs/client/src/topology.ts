import type { Hashes } from '#credential';
import { equalBytes, type Manifest } from '#protocol';

import { askBytes, type Asker } from './ask.js';
import { ClientError } from './errors.js';

/** Far above any description of a model. */
const MAX_TOPOLOGY_BYTES = 2 ** 22;

/**
 * A use case's topology, if it has one.
 *
 * @throws ClientError `wrong_model` where it is not the one that the manifest names, and those of `ask`
 */
export async function fetchTopology(
  asker: Asker & { readonly hashes: Hashes },
  coordinator: string,
  { useCase, topologyDigest }: Pick<Manifest, 'useCase' | 'topologyDigest'>,
): Promise<object | undefined> {
  if (topologyDigest.every((byte) => byte === 0)) return undefined;
  const question = () => ({ url: `${coordinator}/v1/use-cases/${useCase}/topology` });
  const { bytes } = await askBytes(asker, question, MAX_TOPOLOGY_BYTES);
  if (!equalBytes(asker.hashes.sha256(bytes), topologyDigest)) {
    throw new ClientError('wrong_model', 'the topology is not the one that the manifest names');
  }
  return JSON.parse(new TextDecoder().decode(bytes)) as object;
}
