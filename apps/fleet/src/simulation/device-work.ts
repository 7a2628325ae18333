import { encodeInt32LE, encodingOf, proximalMu, type RandomSource } from '#learning';

import { Random } from '../data/index.js';
import type { TrainingPool } from '../training/index.js';
import { attackOf, type SimulatedDevice } from './population.js';
import type { RunSettings } from './run-settings.js';
import { TASKS } from './tasks.js';

/** A round as a device is told of it. */
export interface Work {
  /** from 1 */
  readonly round: number;
  /** float32, layout order */
  readonly parameters: Float32Array;
}

/** What a device makes of a round's model: the same in memory and through processes. */
export interface Made {
  /** what it trained to */
  readonly trained: Float32Array;
  /** what it says that it trained to: another where it attacks */
  readonly sent: Float32Array;
}

/** What a device says that it trained to, and from what. */
type Sent = Pick<Made, 'sent'> & Pick<Work, 'parameters'>;

export async function doWork(
  settings: RunSettings,
  { round, parameters }: Work,
  { device, pool, signal }: { device: SimulatedDevice; pool: Pick<TrainingPool, 'train'>; signal?: AbortSignal },
): Promise<Made> {
  const task = {
    topology: TASKS[settings.task].topology,
    parameters,
    examples: device.examples,
    settings: {
      ...settings.training,
      proximalMu: proximalMu(settings.strategy),
      seed: `${settings.seed}/${round}/${device.index}`,
    },
  };
  const trained = await pool.train(task, signal);
  if (!device.isAttacker) return { trained, sent: trained };
  const delta = trained.map((value, j) => value - parameters[j]!);
  const { strength, forge } = attackOf(settings)!;
  const random = new Random(settings.seed, 'forge', round, device.index);
  const forged = forge?.(delta, settings.attackers!.strength ?? strength, random);
  return { trained, sent: forged?.map((value, j) => parameters[j]! + value) ?? trained };
}

/** An update's payload as a device of the client library makes it. */
export const payloadOf = (
  { encoding, scale, clip }: RunSettings,
  { sent, parameters }: Sent,
  lots: RandomSource,
): Uint8Array => encodingOf(encoding, sent.length).encode(changeOf(sent, parameters), { scale, clip }, lots);

/** One of who does not clip: as many bits as travel, and what is larger stays at the largest. */
export function payloadWithoutClip({ scale }: RunSettings, { sent, parameters }: Sent): Uint8Array {
  const [least, most] = [-(2 ** 31), 2 ** 31 - 1];
  const q = changeOf(sent, parameters).map((value) => Math.max(least, Math.min(most, Math.round(value * scale))));
  return encodeInt32LE(Int32Array.from(q));
}

/** A plain loop: `Float64Array.from` with a function takes twenty times as long. */
export function changeOf(after: Float32Array, before: Float32Array): Float64Array {
  const delta = new Float64Array(before.length);
  for (let j = 0; j < delta.length; j++) delta[j] = after[j]! - before[j]!;
  return delta;
}
