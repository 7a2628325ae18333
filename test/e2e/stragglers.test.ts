import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ed25519 } from '@noble/curves/ed25519.js';

import { Device, MemoryTokenStore, Wallet, type Participation, type Train } from '#client';
import { nodePlatform, type NodePlatform } from '#client/node';
import { decodeSafetensors, encodeSafetensors, unflatten } from '#learning';
import type { RoundView } from '#protocol';

import { enrolCohort } from '../fixtures/cohort.js';
import { sha256 } from '../fixtures/device.js';
import { codeOf } from '../fixtures/http.js';
import { LAYOUT, type UseCaseWish } from '../fixtures/researcher.js';
import { startStarling, type TestStarling } from '../fixtures/starling.js';
import { awaitOpenRound, payloadOf, prepare, receiptOf, submit, told } from '../fixtures/submission.js';

const DIMENSION = 64;
const SCALE = 1000;
const FED_BUFF = { name: 'FedBuff', serverLearningRate: 0.5, maxStaleness: 2 };

let starling: TestStarling;
const platforms: NodePlatform[] = [];
beforeAll(async () => {
  starling = await startStarling();
}, 120_000);
afterAll(async () => {
  for (const platform of platforms) platform.close();
  await starling.stop();
});

/** What device i adds, at a coordinate of its own, in grid steps. */
const stepsOf = (i: number): number => 100 * (i + 1);

class Contributor {
  #finish: () => void = () => undefined;

  constructor(
    private readonly i: number,
    private readonly device: Device,
    private readonly store: MemoryTokenStore,
  ) {}

  takePart(): Promise<Participation> {
    return this.device.participate(this.#train);
  }

  /** Begins to train, and trains until it is told that it is done. */
  async begin(): Promise<{ finish(): Promise<Participation> }> {
    let result: Promise<Participation>;
    await new Promise<void>((begun, failed) => {
      result = this.device.participate((input) => {
        begun();
        return new Promise((resolve) => (this.#finish = () => resolve(this.#train(input))));
      });
      result.catch(failed);
    });
    return {
      finish: () => {
        this.#finish();
        return result;
      },
    };
  }

  /** What became of its tokens, by slot. */
  async uses(): Promise<Record<number, string>> {
    const { tokens } = await Wallet.open(this.store);
    const told = tokens.flatMap(({ slot, uses: [use] }) => {
      const settled = use?.settled;
      return settled === undefined ? [] : [[slot, 'refused' in settled ? settled.refused : 'accepted'] as const];
    });
    return Object.fromEntries(told);
  }

  audit = async (): Promise<string[]> => (await this.device.audit()).map(({ outcome }) => outcome);

  readonly #train: Train = ({ parameters }) => {
    parameters[this.i]! += stepsOf(this.i) / SCALE;
    return parameters;
  };
}

async function contributors(useCase: string, count: number): Promise<Contributor[]> {
  const { issuer, coordinator, intake, researcher, directory } = starling;
  const signingKey = await readFile(join(directory, 'signing.key'));
  const deploymentKey = Buffer.from(ed25519.getPublicKey(signingKey)).toString('hex');
  const code = await researcher.enrolmentCode(useCase, count);
  return Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const store = new MemoryTokenStore([]);
      const platform = { ...nodePlatform(), store };
      platforms.push(platform);
      const device = await Device.enrol({ issuer, coordinator, intake, useCase, code, deploymentKey }, platform);
      await device.prefetch({ slots: 4 });
      return new Contributor(i, device, store);
    }),
  );
}

async function modelOf({ modelOut }: RoundView): Promise<number[]> {
  const answer = await fetch(`${starling.coordinator}/v1/models/${modelOut}`);
  return decodeSafetensors(new Uint8Array(await answer.arrayBuffer())).flatMap(({ data }) => [...data]);
}

const ACCEPTED = expect.objectContaining({ outcome: 'accepted' });

describe('an asynchronous task', () => {
  /** Updates that make a buffer, [device, τ]; worked out here as FedBuff's paper says, and to the last bit. */
  function bufferOn(model: readonly number[], buffer: readonly (readonly [i: number, tau: number])[]): number[] {
    const next = [...model];
    for (const [i, tau] of buffer) {
      const weight = Math.round(1000 / Math.sqrt(1 + tau));
      const mean = (weight * stepsOf(i)) / (SCALE * 1000 * buffer.length);
      next[i] = Math.fround(next[i]! + FED_BUFF.serverLearningRate * mean);
    }
    return next;
  }

  // Kills: rounds that wait for who still trains; a mean by the sum of weights; weights by position or by arrival.
  it('[ASY7] fills buffers while stragglers train, counts stale updates for less, and leaves out those too stale', async () => {
    const { researcher, coordinator } = starling;
    const { useCase } = await researcher.createUseCase({ strategy: FED_BUFF, scale: SCALE, kMin: 2 });
    const devices = await contributors(useCase, 7);
    const [, , , , , slow, slower] = devices as [...Contributor[]];
    const ids = await researcher.startRounds(useCase, { count: 4, min: 3, target: 3 });
    const takePart = (...who: number[]) => Promise.all(who.map((i) => devices[i]!.takePart()));
    const published = (n: number): Promise<RoundView> => researcher.awaitRound(ids[n]!, 'published');
    const models: number[][] = [];

    await awaitOpenRound(coordinator, useCase);
    const trainings = [await slow!.begin(), await slower!.begin()];
    expect(await takePart(0, 1, 2)).toEqual([ACCEPTED, ACCEPTED, ACCEPTED]);
    models.push(await modelOf(await published(0)));

    // Between the rounds, or in the next: the device looks for itself.
    expect(await trainings[0]!.finish()).toEqual(ACCEPTED);
    expect(await takePart(3, 4)).toEqual([ACCEPTED, ACCEPTED]);
    models.push(await modelOf(await published(1)));

    await researcher.awaitRound(ids[2]!, 'open');
    expect(await takePart(0, 1, 2)).toEqual([ACCEPTED, ACCEPTED, ACCEPTED]);
    models.push(await modelOf(await published(2)));

    expect(await trainings[1]!.finish()).toEqual({ outcome: 'skipped', reason: 'too_stale' });
    expect(await takePart(3, 4, 6)).toEqual([ACCEPTED, ACCEPTED, ACCEPTED]);
    models.push(await modelOf(await published(3)));

    const buffers = [
      [[0, 0], [1, 0], [2, 0]],
      [[3, 0], [4, 0], [5, 1]],
      [[0, 0], [1, 0], [2, 0]],
      [[3, 0], [4, 0], [6, 0]],
    ] as const; // prettier-ignore
    let expected: number[] = Array.from({ length: DIMENSION }, () => 0);
    for (const [n, buffer] of buffers.entries()) {
      expected = bufferOn(expected, buffer);
      expect(models[n]).toEqual(expected);
    }
    const bytes = encodeSafetensors(unflatten(Float32Array.from(expected), LAYOUT));
    expect((await researcher.round(ids[3]!)).modelOut).toBe(Buffer.from(sha256(bytes)).toString('hex'));
    // One token each, of the round that they were accepted in.
    expect(await slow!.uses()).toEqual({ 1: 'accepted' });
    expect(await slower!.uses()).toEqual({ 3: 'accepted' });
    expect((await slow!.audit()).slice(0, 3)).toEqual(['not_mine', 'counted', 'not_mine']);
  }, 120_000);

  // Kills: a weight that the manifest does not list.
  it('[ASY6] an update staler than the task allows is refused before its token is looked at', async () => {
    const { researcher, coordinator, intake } = starling;
    const manifest = await researcher.createUseCase({ strategy: FED_BUFF });
    const [member] = await enrolCohort(starling, manifest, 1);
    await researcher.startRounds(manifest.useCase);
    const round = await awaitOpenRound(coordinator, manifest.useCase);
    const [token, update] = [member!.tokens[0]!, payloadOf(Array.from({ length: DIMENSION }, () => 1))];
    for (const weightLevel of [3, 7, 255]) {
      expect(told(await submit(intake, prepare(round, token, update, { weightLevel })))).toBe('unsupported_encoding');
    }
    const stale = prepare(round, token, update, { weightLevel: 2 });
    expect(told(await submit(intake, stale))).toBe(receiptOf(stale));
  });

  it('[ASY2] says in its manifest what a stale update weighs, and lets nobody say otherwise', async () => {
    const { researcher } = starling;
    const { weightLevels, strategy } = await researcher.createUseCase({ strategy: FED_BUFF });
    expect(weightLevels).toEqual([1000, 707, 577]);
    expect(strategy).toBe('{"name":"FedBuff","maxStaleness":2,"serverLearningRate":0.5}');
    const initialModel = await researcher.upload(researcher.initialModel(LAYOUT));
    const draft = { id: 'refused', title: 'A test', layout: LAYOUT, initialModel, strategy: FED_BUFF };
    const refused: [UseCaseWish, string][] = [
      [{ weightLevels: [1] }, 'FedBuff says itself what updates weigh, 1000, 707, 577: leave weightLevels out.'],
      [{ weightLevels: [1000, 707] }, 'leave weightLevels out'],
    ];
    for (const [wish, words] of refused) {
      const answer = await researcher.call('/use-cases', { ...draft, ...wish });
      expect(codeOf(answer)).toBe('bad_strategy');
      expect(answer.text).toContain(words);
    }
  });
});

describe('a synchronous task that starts with more devices than it needs', () => {
  // Kills: a round that waits for all who hold a token; a late device that tries again, or loses more than a token.
  it('[RND13] closes at its target; who is late is told so, loses one token, and takes part in the next round', async () => {
    const { researcher, coordinator } = starling;
    const { useCase } = await researcher.createUseCase({ scale: SCALE, kMin: 2 });
    const devices = await contributors(useCase, 5);
    const ids = await researcher.startRounds(useCase, { count: 2, min: 2, target: 3 });
    await awaitOpenRound(coordinator, useCase);
    const late = await Promise.all([devices[3]!.begin(), devices[4]!.begin()]);
    expect(await Promise.all([0, 1, 2].map((i) => devices[i]!.takePart()))).toEqual([ACCEPTED, ACCEPTED, ACCEPTED]);
    const first = await researcher.awaitRound(ids[0]!, 'published');
    expect([first.accepted, first.issued]).toEqual([3, 5]);
    expect((await modelOf(first)).slice(0, 5)).toEqual([...[0, 1, 2].map((i) => Math.fround(stepsOf(i) / 3000)), 0, 0]);

    const refused = expect.objectContaining({ outcome: 'refused', code: 'round_closed' });
    expect(await Promise.all(late.map((training) => training.finish()))).toEqual([refused, refused]);
    await researcher.awaitRound(ids[1]!, 'open');
    expect(await Promise.all([3, 4, 0].map((i) => devices[i]!.takePart()))).toEqual([ACCEPTED, ACCEPTED, ACCEPTED]);
    await researcher.awaitRound(ids[1]!, 'published');
    expect(await devices[3]!.uses()).toEqual({ 0: 'round_closed', 1: 'accepted' });
  }, 60_000);
});
