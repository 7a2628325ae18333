import { DeploymentReply } from '#protocol';

import { ask, type Asker } from './ask.js';
import type { DeviceSettings } from './device.js';
import { ClientError } from './errors.js';
import type { Platform } from './platform.js';

/** What an app has to know; issuer and intake are asked of the coordinator where it does not name them. */
export type EnrolSettings = Omit<DeviceSettings, 'issuer' | 'intake'> &
  Partial<Pick<DeviceSettings, 'issuer' | 'intake'>>;

/**
 * Where a deployment's processes are, by its coordinator.
 *
 * @throws ClientError `refused` where the coordinator was not told, and those of `ask`
 */
export const fetchDeployment = (asker: Asker, coordinator: string): Promise<DeploymentReply> =>
  ask(asker, () => ({ url: `${coordinator}/v1/deployment` }), DeploymentReply);

/**
 * Settings with addresses. The key stays the app's own: a coordinator that names another is not the app's.
 *
 * @throws ClientError `untrusted_manifest`, and those of `fetchDeployment`
 */
export async function completeSettings(platform: Platform, settings: EnrolSettings): Promise<DeviceSettings> {
  const { issuer, intake } = settings;
  if (issuer !== undefined && intake !== undefined) return { ...settings, issuer, intake };
  const asker = { ...platform, http: platform.http.coordinator };
  const deployment = await fetchDeployment(asker, settings.coordinator);
  if (deployment.deploymentKey !== settings.deploymentKey.toLowerCase()) {
    throw new ClientError('untrusted_manifest', 'the coordinator is of another deployment than the pinned key');
  }
  return { ...settings, issuer: issuer ?? deployment.issuer, intake: intake ?? deployment.intake };
}
