/**
 * A device that enrols, fetches tokens, takes part in the open round and then stays, with its store open, until it is killed.
 *
 *   node rival-device.fixture.js <settings as JSON> <directory>
 *
 * Prints a JSON line: `{ "code": … }` of what it was refused with, or `{ "outcome": … }` of the round.
 */
import { setTimeout as sleep } from 'node:timers/promises';

import { Device, type ClientError, type DeviceSettings } from '../index.js';
import { nodePlatform } from './node-platform.js';

const [settings = '{}', directory = ''] = process.argv.slice(2);

async function live(): Promise<object> {
  try {
    const device = await Device.enrol(JSON.parse(settings) as DeviceSettings, nodePlatform({ directory }));
    await device.prefetch({ slots: 1 });
    // Never the same update twice: two devices with one token would show.
    const train = ({ parameters }: { parameters: Float32Array }) =>
      parameters.map((value) => value + Math.random() / 100);
    return { outcome: (await device.participate(train)).outcome };
  } catch (error) {
    const { code, message } = error as ClientError | NodeJS.ErrnoException;
    return { code, message };
  }
}

console.log(JSON.stringify(await live()));
await sleep(600_000);
