import { setMaxListeners } from 'node:events';

import { DEFAULT_SUITE, type CredentialSuite, type RandomBytes } from '#credential';
import { nodeHashes } from '#client/node';
import { seeded, VirtualTime } from '#client/testing';
import type { Manifest } from '#protocol';

import { Device } from '../../libs/client/src/device.js';

import type { Train } from '../../libs/client/src/participate.js';
import type { PinnedManifest } from '../../libs/client/src/pinned-manifest.js';
import type { Platform } from '../../libs/client/src/platform.js';
import { MemoryTokenStore } from '../../libs/client/src/token-store.js';
import { Wallet } from '../../libs/client/src/wallet.js';
import { SimulatedServers } from './simulated-servers.js';

export interface Plan {
  readonly devices: number;
  readonly seed: number;
  /** share of devices that enrol while rounds go on, the others an epoch before */
  readonly latecomers: number;
  readonly jitterMs: number;
  readonly pollMs: number;
  readonly neverFetchAndSpend: boolean;
  /** false: the mutant that fetches nothing ahead */
  readonly prefetches: boolean;
  /** when rounds open, each in the next slot of its epoch, unix ms from the first epoch's beginning */
  readonly opens: readonly number[];
  readonly openForMs: number;
  /** ms a training takes, from a uniform draw */
  readonly training: (draw: number) => number;
}

export const EPOCH_MS = 3_600_000;
/** The suites never look at the time, and no attacker here at the bytes: so tokens cost nothing. */
const FREE_SUITE = {
  id: 'free',
  derivedKey: 'computed',
  derivePublicKey: () => new Uint8Array(32),
  blind: (inputs, { public: key, attributes }) => {
    const blinded = inputs.map(() => new Uint8Array(32));
    return { state: { suite: 'free', inputs, blinds: blinded, blinded, public: key, attributes }, blinded };
  },
  finalize: ({ inputs }) => inputs.map(() => new Uint8Array(64)),
} as Pick<CredentialSuite, 'id' | 'derivedKey' | 'derivePublicKey' | 'blind' | 'finalize'> as CredentialSuite;

/** The use case's defaults but for fewer slots: eight an epoch, all fetched in one batch. */
const manifestOf = ({ jitterMs }: Plan): Manifest => ({
  audience: 'simulated',
  useCase: 'digits',
  version: 1,
  suite: DEFAULT_SUITE,
  keys: [{ publicKey: new Uint8Array(32), firstEpoch: 0 }],
  logKey: new Uint8Array(32),
  epochOrigin: 0,
  epochSeconds: EPOCH_MS / 1000,
  slots: 8,
  batch: 8,
  quota: 8,
  reuse: 1,
  kMin: 1,
  jitterMs,
  encoding: 1,
  scale: 65_536,
  clipMicros: 1_000_000,
  strategy: '{"name":"FedAvg"}',
  weightLevels: [1],
  chunkBytes: 1024,
  uploadDeadlineMs: 60_000,
  initialModel: new Uint8Array(32),
  topologyDigest: new Uint8Array(32),
  layout: [{ name: 'w', shape: [1] }],
});

/**
 * Devices of the real library in virtual time: their own schedule, their own jitter, their own wallet,
 * against servers that answer after 20 to 220 ms and write down who asked when. Deterministic by its seed.
 */
export async function simulate(plan: Plan): Promise<SimulatedServers> {
  const time = new VirtualTime(0);
  const manifest = manifestOf(plan);
  const servers = new SimulatedServers(manifest, time, { random: seeded(plan.seed), issuesLate: !plan.prefetches });
  const ending = new AbortController();
  setMaxListeners(0, ending.signal);
  const runs = Array.from({ length: plan.devices }, (_, index) => live(plan, { servers, time, index }, ending.signal));
  for (const at of plan.opens) void openAt(at + EPOCH_MS, plan, { servers, time });
  await time.runUntil(EPOCH_MS * (2 + Math.floor(plan.opens.at(-1)! / EPOCH_MS)) + plan.jitterMs);
  ending.abort();
  // Who is in the middle of a round brings it to its end: without time to come he would wait for ever.
  await time.runUntil(time.now + EPOCH_MS);
  await Promise.all(runs);
  return servers;
}

interface World {
  readonly servers: SimulatedServers;
  readonly time: VirtualTime;
}

/** Epoch 0 is for enrolling; rounds open from epoch 1 on. Latecomers enrol in epochs 1 and 2. */
async function live(
  plan: Plan,
  { servers, time, index }: World & { index: number },
  signal: AbortSignal,
): Promise<void> {
  const random = seeded(plan.seed * 100_003 + index);
  const draw = (): number => (random(1)[0]! * 256 + random(1)[0]!) / 65_536;
  const late = index < plan.latecomers * plan.devices;
  await time.clock.sleep(late ? EPOCH_MS * (1 + 2 * draw()) : 0.9 * EPOCH_MS * draw());
  servers.enrolments.push({ device: index, at: time.now });
  const platform = platformOf({ servers, time, index }, random);
  const device = await deviceOf(plan, servers, platform);
  const train: Train = async ({ parameters }) => {
    await time.clock.sleep(plan.training(draw()));
    return parameters.fill(0.5);
  };
  const { pollMs } = plan;
  if (plan.prefetches) return device.run(train, { signal, pollMs });
  while (!signal.aborted) await fetchAndSpend(device, train, time.clock.sleep((0.5 + draw()) * pollMs, signal));
}

/** The mutant: fetches where it spends, and nowhere else. */
async function fetchAndSpend(device: Device, train: Train, moment: Promise<void>): Promise<void> {
  const awake = await moment.then(
    () => true,
    () => false,
  );
  if (awake) await device.participate(train);
}

async function deviceOf(plan: Plan, servers: SimulatedServers, platform: Platform): Promise<Device> {
  const pinned: PinnedManifest = { manifest: servers.manifest, digest: servers.manifestDigest, suite: FREE_SUITE };
  const urls = { issuer: 'http://issuer', coordinator: 'http://coordinator', intake: 'http://intake' };
  const { neverFetchAndSpend } = plan;
  const { deploymentKey } = servers;
  const settings = { ...urls, useCase: 'digits', code: '', deploymentKey, neverFetchAndSpend };
  const enrolled = { id: '00000000-0000-4000-8000-000000000000', secretKey: platform.random(32) };
  const wallet = await Wallet.open(platform.store);
  const { manifestVersion, manifestDigest } = { manifestVersion: 1, manifestDigest: servers.manifestDigest };
  await wallet.setIdentity({ useCase: 'digits', secretKey: enrolled.secretKey, manifestVersion, manifestDigest });
  return new Device({ settings, platform, wallet, pinned, log: servers.log, enrolled });
}

function platformOf({ servers, time, index }: World & { index: number }, random: RandomBytes): Platform {
  return {
    http: { issuer: servers.issuerFor(index), coordinator: servers.coordinator },
    connect: servers.intakeFor(index),
    random,
    hashes: nodeHashes,
    clock: time.clock,
    store: new MemoryTokenStore(),
  };
}

async function openAt(at: number, { openForMs, jitterMs }: Plan, { servers, time }: World): Promise<void> {
  await time.clock.sleep(at - jitterMs);
  const round = servers.seal();
  await time.clock.sleep(jitterMs);
  servers.open(round);
  await time.clock.sleep(jitterMs + openForMs);
  servers.close(round);
}
