import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ed25519 } from '@noble/curves/ed25519.js';

import { Device } from '#client';
import { nodePlatform, type NodePlatform } from '#client/node';
import { suiteOf } from '#credential';
import type { CreateUseCase } from '#protocol';

import { startStarling, type TestStarling } from '../fixtures/starling.js';

/** Both curves, both blindings, all three ways to a key; the default is what every other test has. */
const SUITES: readonly CreateUseCase['suite'][] = [
  'acs-ristretto255-exp-sdhi',
  'acs-ristretto255-mul-hmac',
  'acs-ed25519-mul-sdhi',
  'acs-ed25519-exp-hmac',
  'acs-ristretto255-mul-naor-reingold',
];
const DEVICES = 2;

let starling: TestStarling;
let deploymentKey: string;
const platforms: NodePlatform[] = [];

beforeAll(async () => {
  starling = await startStarling();
  deploymentKey = Buffer.from(ed25519.getPublicKey(await readFile(join(starling.directory, 'signing.key')))).toString(
    'hex',
  );
}, 120_000);
afterAll(async () => {
  for (const platform of platforms) platform.close();
  await starling.stop();
});

async function enrol(useCase: string): Promise<Device> {
  const { issuer, coordinator, intake, researcher } = starling;
  const platform = nodePlatform();
  platforms.push(platform);
  const code = await researcher.enrolmentCode(useCase, 1);
  return Device.enrol({ issuer, coordinator, intake, useCase, code, deploymentKey }, platform);
}

/** What became of the one round, as soon as the log says it: with the next tree head. */
async function outcomeOf(device: Device): Promise<string> {
  for (;;) {
    const [round] = await device.audit();
    if (round !== undefined) return round.outcome;
    await sleep(100);
  }
}

describe('a use case with one of the ACS suites', () => {
  // Kills: a step between enrolling and publishing that knows the default suite only.
  it.each(SUITES)('[ISS13] %s: devices enrol, get tokens, submit, and their model is published', async (suite) => {
    const { researcher } = starling;
    const { useCase } = await researcher.createUseCase({ suite, slots: 2, batch: 2, kMin: DEVICES });
    const devices = await Promise.all(Array.from({ length: DEVICES }, () => enrol(useCase)));
    for (const device of devices) expect(await device.prefetch()).toBe(2);

    const [id] = await researcher.startRounds(useCase, { min: DEVICES, target: DEVICES });
    await researcher.awaitRound(id!, 'open');
    const results = await Promise.all(
      devices.map((device) => device.participate(({ parameters }) => parameters.map((x) => x + 0.5))),
    );
    expect(results.map(({ outcome }) => outcome)).toEqual(['accepted', 'accepted']);
    const published = await researcher.awaitRound(id!, 'published');
    expect(published).toMatchObject({ accepted: DEVICES, issued: DEVICES });
    expect(await Promise.all(devices.map(outcomeOf))).toEqual(['counted', 'counted']);
    expect(suiteOf(suite).derivedKey).not.toBe('computed');
  });
});
