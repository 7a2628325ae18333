import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

import { Device, fetchManifest, fetchModel, fetchOpenRound, prepareSubmission, submit, Wallet } from '#client';
import { nodePlatform, type NodePlatform } from '#client/node';
import { payloadLength } from '#protocol';

/** What a client process of the benchmark is told. */
export interface ClientOrder {
  readonly urls: Readonly<Record<'issuer' | 'intake' | 'coordinator', string>>;
  readonly deploymentKey: string;
  readonly useCase: string;
  readonly code: string;
  readonly clients: number;
  readonly params: number;
}

/** Devices of one process that are busy at a time. */
const CONCURRENCY = 8;

const [order] = (await once(process, 'message')) as [ClientOrder];
const settings = { ...order.urls, ...order };
const devices = await inTurns(
  Array.from({ length: order.clients }, (_, i) => i),
  async () => {
    const platform = nodePlatform();
    await (await Device.enrol(settings, platform)).prefetch();
    return platform;
  },
);
const pinned = await fetchManifest(
  { ...devices[0]!, http: devices[0]!.http.issuer },
  { ...settings, url: settings.issuer },
);
const payloads = devices.map(() => payload(payloadLength(pinned.manifest)));

process.send!('ready');
await opening();
await inTurns(devices.keys(), (i) => takePart(devices[i]!, payloads[i]!));
// Stay to be measured, until the benchmark ends us.
await once(process, 'message');

async function takePart(platform: NodePlatform, update: Uint8Array): Promise<void> {
  const asker = { ...platform, http: platform.http.coordinator };
  const round = await fetchOpenRound(asker, settings.coordinator, pinned);
  if (round === undefined) throw new Error('the round is not open');
  await fetchModel(asker, settings.coordinator, round.record.modelDigest, pinned.manifest);
  const token = (await Wallet.open(platform.store)).find(round);
  if (token === undefined) throw new Error('a device has no token');
  const prepared = prepareSubmission(platform.hashes, { manifest: pinned.manifest, round }, token, { payload: update });
  const result = await submit({ ...platform, intake: settings.intake }, prepared);
  if (result.outcome !== 'accepted') throw new Error(`refused: ${result.code}`);
}

async function opening(): Promise<void> {
  const asker = { ...devices[0]!, http: devices[0]!.http.coordinator };
  while ((await fetchOpenRound(asker, settings.coordinator, pinned)) === undefined) await sleep(20);
}

/** Small random numbers on the grid, well within range and norm. */
function payload(bytes: number): Uint8Array {
  const numbers = Int32Array.from({ length: bytes / 4 }, () => Math.floor(Math.random() * 401) - 200);
  return new Uint8Array(numbers.buffer);
}

async function inTurns<T, R>(items: Iterable<T>, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const rest = [...items].entries();
  const worker = async (): Promise<void> => {
    for (const [i, item] of rest) results[i] = await work(item);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  return results;
}
