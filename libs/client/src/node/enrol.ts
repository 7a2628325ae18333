import { completeSettings, type EnrolSettings } from '../deployment.js';
import { Device } from '../device.js';
import { nodePlatform, type NodeSettings } from './node-platform.js';

/**
 * Enrols a device, or goes on as the one that was enrolled with this directory before.
 *
 * @param where.directory  where tokens are kept, by one process at a time; without it they are lost with the process
 * @throws ClientError `store_in_use`, and as `Device.enrol`
 */
export async function enrol(settings: EnrolSettings, where: NodeSettings = {}): Promise<Device> {
  const platform = nodePlatform(where);
  try {
    return await Device.enrol(await completeSettings(platform, settings), platform);
  } catch (error) {
    platform.close();
    throw error;
  }
}
