import { completeSettings, type EnrolSettings } from '../deployment.js';
import { Device } from '../device.js';
import { browserPlatform } from './browser-platform.js';

/**
 * Enrols a device, or goes on as the one that this browser enrolled before. One tab at a time.
 *
 * @param where.name  of the device's database; the use case's when left out
 * @throws ClientError `store_in_use`, and as `Device.enrol`
 */
export async function enrol(settings: EnrolSettings, where: { readonly name?: string } = {}): Promise<Device> {
  const platform = await browserPlatform(where.name ?? settings.useCase);
  try {
    return await Device.enrol(await completeSettings(platform, settings), platform);
  } catch (error) {
    platform.close();
    throw error;
  }
}
