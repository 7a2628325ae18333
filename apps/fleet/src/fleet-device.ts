import { Device, MemoryTokenStore, Wallet, type Clock, type DeviceSettings, type Position } from '#client';
import { nodePlatform, type NodePlatform } from '#client/node';

import { codeOf, type FleetConfig } from './config.js';
import type { EnrolmentPool, EnrolmentResult } from './enrolment-pool.js';

const TRIES = 5;

/** One simulated device, enrolled and with tokens. */
export interface FleetDevice {
  readonly index: number;
  readonly device: Device;
  readonly settings: DeviceSettings;
  readonly platform: NodePlatform;
  readonly tokens: number;
  /** first round it can take part in */
  readonly firstSlot: Position;
}

/** Address of device number `index`: each has its own, so that servers could tell them apart if they looked. */
export function addressOf(index: number): string {
  if (index < 0 || index >= 250 * 254) throw new RangeError(`no address for device ${index}`);
  return `127.0.${1 + Math.floor(index / 250)}.${1 + (index % 250)}`;
}

/** What enrolling needs of a fleet's configuration. */
export type Enrolment = Pick<
  FleetConfig,
  'issuer' | 'coordinator' | 'intake' | 'useCase' | 'deploymentKey' | 'rounds' | 'codes'
>;

/**
 * Enrols a device and fetches its tokens in a thread, then wakes it up here from what it stored.
 *
 * @param signal  from when on it waits for nothing any more
 * @throws Error where the issuer refuses it, or does not answer for long
 */
export async function enrolFleetDevice(
  config: Enrolment,
  index: number,
  pool: Pick<EnrolmentPool, 'enrol'>,
  signal?: AbortSignal,
): Promise<FleetDevice> {
  const { issuer, coordinator, intake, useCase, deploymentKey, rounds } = config;
  const settings = { issuer, coordinator, intake, useCase, deploymentKey, code: codeOf(config, index) };
  const localAddress = addressOf(index);
  let result: EnrolmentResult = { store: [] };
  for (let left = TRIES; left > 0; left--) {
    result = await pool.enrol({ settings, localAddress, slots: rounds, store: result.store });
    if (result.failure?.code !== 'unreachable') break;
  }
  if (result.failure !== undefined) throw new Error(`device ${index}: ${result.failure.message}`);
  const machine = nodePlatform({ localAddress });
  const clock: Clock = { now: machine.clock.now, sleep: (ms) => machine.clock.sleep(ms, signal) };
  const platform = { ...machine, clock, store: new MemoryTokenStore(result.store) };
  const { tokens } = await Wallet.open(platform.store);
  const [firstSlot] = tokens.toSorted((a, b) => a.epoch - b.epoch || a.slot - b.slot);
  if (firstSlot === undefined) throw new Error(`device ${index}: no slot is left to get a token for`);
  const device = await Device.enrol(settings, platform);
  return { index, settings, platform, tokens: tokens.length, firstSlot, device };
}
