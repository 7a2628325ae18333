import { fetchDeployment, fetchManifest } from '#client';
import { nodePlatform } from '#client/node';
import {
  encodingOfManifest,
  parameterCount,
  payloadLength,
  type DeploymentReply,
  type EncodingChoice,
  type LayoutEntry,
  type Manifest,
} from '#protocol';

/** A tensor and where it is among a model's numbers. */
export interface Place extends LayoutEntry {
  readonly offset: number;
  readonly length: number;
}

/** All that a generated project says of its use case. */
export interface Blueprint {
  readonly deployment: DeploymentReply;
  readonly manifest: Manifest;
  /** SHA-256 of the manifest, hex */
  readonly digest: string;
  readonly encoding: EncodingChoice;
  readonly places: readonly Place[];
  readonly dimension: number;
  readonly payloadBytes: number;
}

/**
 * Reads a use case as a device would: its manifest counts only as signed by the deployment key.
 *
 * @param known  the key, where it is known from elsewhere; else the coordinator's own is taken
 * @throws ClientError `untrusted_manifest`, `refused`, `unreachable`
 */
export async function readBlueprint(coordinator: string, useCase: string, known?: string): Promise<Blueprint> {
  const platform = nodePlatform();
  try {
    const asker = { ...platform, http: platform.http.coordinator };
    const deployment = await fetchDeployment(asker, coordinator);
    const deploymentKey = known ?? deployment.deploymentKey;
    const { manifest, digest } = await fetchManifest(asker, { url: coordinator, useCase, deploymentKey });
    return {
      deployment: { ...deployment, deploymentKey },
      manifest,
      digest: Buffer.from(digest).toString('hex'),
      encoding: encodingOfManifest(manifest),
      places: placesOf(manifest),
      dimension: parameterCount(manifest),
      payloadBytes: payloadLength(manifest),
    };
  } finally {
    platform.close();
  }
}

function placesOf({ layout }: Manifest): Place[] {
  let offset = 0;
  return layout.map((entry) => {
    const length = parameterCount({ layout: [entry] });
    const place = { ...entry, offset, length };
    offset += length;
    return place;
  });
}

/** Inputs and classes of a softmax regression, where the layout is one matrix and its bias. */
export function softmaxOf({ places }: Blueprint): { readonly inputs: number; readonly classes: number } | undefined {
  const [weights, bias] = places;
  const isDense = places.length === 2 && weights?.shape.length === 2 && bias?.shape.length === 1;
  if (!isDense || weights.shape[1] !== bias.shape[0]) return undefined;
  return { inputs: weights.shape[0]!, classes: weights.shape[1]! };
}
