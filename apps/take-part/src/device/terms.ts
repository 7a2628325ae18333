import {
  browserAsker,
  fetchDeployment,
  fetchManifest,
  fetchTopology,
  payloadLength,
  type Manifest,
} from '#client/browser';

import { shapeOfModel, type ModelShape } from '../training/model-shape.js';
import { PageProblem } from './problems.js';
import { askCoordinator } from './coordinator.js';

/** All that a person is shown before anything happens, from the manifest that the deployment's key signed. */
export interface Terms {
  readonly useCase: string;
  readonly title: string;
  readonly coordinator: string;
  readonly issuer: string;
  readonly intake: string;
  readonly deploymentKey: string;
  readonly manifest: Manifest;
  readonly model: ModelShape;
  readonly bytes: number;
  readonly clip: number;
  /** the deviation of the noise over what one device can change; undefined where none is added */
  readonly noise: number | undefined;
}

/**
 * @param known  the key that was shown when the person agreed: another one is not the same deployment
 * @throws PageProblem, ClientError
 */
export async function fetchTerms(coordinator: string, useCase: string, known?: string): Promise<Terms> {
  const { issuer, intake, deploymentKey } = await fetchDeployment(browserAsker, coordinator);
  if (known !== undefined && known !== deploymentKey) {
    throw new PageProblem({
      title: 'The key of this deployment has changed',
      text: 'It is not the one that you agreed to. Nothing was sent. Ask whoever gave you the link.',
    });
  }
  const { manifest } = await fetchManifest(browserAsker, { url: coordinator, useCase, deploymentKey });
  const { title } = await askCoordinator<{ title: string }>(coordinator, `/v1/use-cases/${useCase}`);
  const model = shapeOfModel(await fetchTopology(browserAsker, coordinator, manifest), manifest.layout);
  const { privacy } = JSON.parse(manifest.strategy) as { privacy?: { noiseMultiplier: number } };
  return {
    ...{ useCase, title, coordinator, issuer, intake, deploymentKey, manifest, model },
    bytes: payloadLength(manifest),
    clip: manifest.clipMicros / 1e6,
    noise: privacy?.noiseMultiplier,
  };
}
