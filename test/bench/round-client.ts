/** (Its own process) Devices of the real client library: they enrol and fetch tokens, and take part in the rounds they are told of. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

import { Device, fetchManifest, fetchOpenRound } from '#client';
import { nodePlatform } from '#client/node';

/** What a client process of the benchmark is told. */
export interface ClientOrder {
  readonly urls: Readonly<Record<'issuer' | 'intake' | 'coordinator', string>>;
  readonly deploymentKey: string;
  readonly useCase: string;
  readonly code: string;
  readonly clients: number;
  readonly params: number;
}

/** Sent when all devices are ready, then in each round after each that is done. */
export type ClientNews = 'ready' | 'accepted';

/** Devices of one process that are busy at a time. */
const CONCURRENCY = 8;
/** Well within range and norm. */
const MOST_CHANGE = 0.003;

const [order] = (await once(process, 'message')) as [ClientOrder];
const settings = { ...order.urls, ...order };
const platform = nodePlatform();
const devices = await inTurns(Array.from({ length: order.clients }), async () => {
  const device = await Device.enrol(settings, nodePlatform());
  await device.prefetch();
  return device;
});
const pinned = await fetchManifest(
  { ...platform, http: platform.http.coordinator },
  { ...settings, url: settings.coordinator },
);
// Nobody trains: all of a process have learned the same, once a round.
const learned = Float32Array.from({ length: order.params }, () => (2 * Math.random() - 1) * MOST_CHANGE);
let trained: Float32Array | undefined;

// Told of each round to come; stays to be measured, until the benchmark ends us.
process.on('message', () => void takeParts());
tell('ready');

async function takeParts(): Promise<void> {
  await opening();
  trained = undefined;
  await inTurns(devices, takePart);
}

async function takePart(device: Device): Promise<void> {
  const result = await device.participate(({ parameters }) => (trained ??= learn(parameters)));
  if (result.outcome !== 'accepted') throw new Error(`not accepted: ${JSON.stringify(result)}`);
  tell('accepted');
}

function learn(parameters: Float32Array): Float32Array {
  for (let j = 0; j < parameters.length; j++) parameters[j]! += learned[j]!;
  return parameters;
}

async function opening(): Promise<void> {
  const asker = { ...platform, http: platform.http.coordinator };
  while ((await fetchOpenRound(asker, settings.coordinator, pinned)) === undefined) await sleep(50);
}

function tell(news: ClientNews): void {
  process.send!(news);
}

async function inTurns<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const rest = [...items].entries();
  const worker = async (): Promise<void> => {
    for (const [i, item] of rest) results[i] = await work(item);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  return results;
}
