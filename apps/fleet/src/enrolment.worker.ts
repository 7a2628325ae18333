import { ClientError, Device, MemoryTokenStore } from '#client';
import { nodePlatform } from '#client/node';

import type { EnrolmentResult, EnrolmentTask } from './enrolment-pool.js';

/** Enrols one device and fetches its tokens in this thread; piscina calls it. */
export default async function enrol({ settings, localAddress, slots, store }: EnrolmentTask): Promise<EnrolmentResult> {
  const kept = new MemoryTokenStore(store);
  const machine = nodePlatform({ localAddress });
  try {
    const device = await Device.enrol(settings, { ...machine, store: kept });
    await device.prefetch({ slots });
    return { store: kept.entries() };
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    return { store: kept.entries(), failure: { code: error.code, message: error.message } };
  } finally {
    machine.close();
  }
}
