import { afterEach, beforeEach, expect, it } from '@jest/globals';

import { Device } from '../device.js';
import type { Platform } from '../platform.js';
import { TestStarling } from '../starling.test-server.js';

let starling: TestStarling;
beforeEach(async () => {
  starling = await TestStarling.start();
});
afterEach(() => starling.close());

/** A platform on which waiting does this, and takes no time. */
function whereWaiting(does: () => void): Platform {
  const platform = starling.platform();
  return { ...platform, clock: { ...platform.clock, sleep: async () => does() } };
}

// Kills: a device that gives up on a deployment whose first head is not signed yet; one that waits for ever.
it('[LOG6] a log that has just begun is waited for, a number of times', async () => {
  const { log } = starling.deployment;
  log.hidden = log.leaves.length;
  const never = Device.enrol(
    starling.settings,
    whereWaiting(() => undefined),
  );
  await expect(never).rejects.toMatchObject({ code: 'unlogged' });
  const appears = whereWaiting(() => (log.hidden = 0));
  await expect(Device.enrol(starling.settings, appears)).resolves.toBeInstanceOf(Device);
});

// Kills: a log that is gone taken for one that has not begun.
it('[LOG6] a log that was there and is gone is not waited for', async () => {
  const { log } = starling.deployment;
  const device = await Device.enrol(starling.settings, starling.platform());
  starling.coordinator.open(starling.deployment.record(5, 0));
  log.hidden = log.leaves.length;
  const result = device.participate(({ parameters }) => parameters);
  await expect(result).rejects.toMatchObject({ code: 'refused', refusal: { code: 'not_found' } });
});
