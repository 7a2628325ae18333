import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ed25519 } from '@noble/curves/ed25519.js';

import { Device } from '#client';
import { nodePlatform } from '#client/node';
import { fedAvg, gaussianEpsilon, laneSensitivity } from '#learning';
import type { Manifest, RoundView } from '#protocol';

import { commandsOf } from '../fixtures/admin-command.js';
import { codeOf } from '../fixtures/http.js';
import {
  COHORT,
  deviationOf,
  DIMENSION,
  EPOCHS,
  GRID,
  LANES,
  LanedTask,
  SLOTS,
  slotsOf,
  valuesOf,
} from '../fixtures/laned-task.js';
import { eventually } from '../fixtures/patience.js';
import { LAYOUT } from '../fixtures/researcher.js';
import type { TestStarling } from '../fixtures/starling.js';
import { awaitOpenRound } from '../fixtures/submission.js';
import { seedOf, treeNoise } from '../fixtures/tree-noise.js';

const PRIVACY = {
  noiseMultiplier: 4,
  delta: 1e-5,
  epsilonMax: 7,
  mechanism: 'tree',
  separation: LANES,
  epochs: EPOCHS,
} as const;
const DEVIATION = deviationOf(PRIVACY.noiseMultiplier);

let task: LanedTask;
let starling: TestStarling;
let manifest: Manifest;
let lanes: LanedTask['lanes'];
/** The ones that are the library's. */
const others: string[] = [];

async function charged(deviceId: string): Promise<number[]> {
  const { rows } = await starling.database.admin.query<{ slot: number }>(
    'select slot from identity.issuance where device_id = $1 and epoch = 0 order by slot',
    [deviceId],
  );
  return rows.map(({ slot }) => slot);
}

beforeAll(async () => {
  task = await LanedTask.start(PRIVACY);
  ({ starling, manifest, lanes } = task);
}, 120_000);
afterAll(() => starling.stop());

interface TreeRow {
  readonly number: number;
  readonly steps: number;
  readonly seed: Uint8Array;
  readonly file: Buffer | null;
}

async function tree(): Promise<TreeRow | undefined> {
  const { rows } = await starling.database.admin.query<TreeRow>(
    'select number, steps, seed, file_id as file from rounds.tree where use_case = $1 order by number desc',
    [manifest.useCase],
  );
  return rows[0];
}

const bodyOf = (file: Buffer): string => {
  const name = file.toString('hex');
  return join(starling.directory, 'bodies', name.slice(0, 2), name);
};

describe('lanes', () => {
  // Kills: an issuer that gives tokens for any slot, so that nothing keeps the rounds of a device apart.
  it('[ISS14] a device gets tokens for the slots of its lane; another is wrong_slot and charges nothing', async () => {
    for (const [lane, members] of lanes.entries()) {
      const { device } = members[0]!;
      const { epoch } = await device.window();
      for (let slot = 0; slot < SLOTS; slot++) {
        if (slot % LANES === lane) continue;
        expect(codeOf(await device.request(device.blind(epoch, [slot])))).toBe('wrong_slot');
      }
      expect(codeOf(await device.request(device.blind(epoch + 1, [lane, lane + 1])))).toBe('wrong_slot');
      expect(await charged(device.id)).toEqual(slotsOf(lane));
    }
  });

  it('[DPR59] a device finds its lane out by itself, and fetches those slots alone', async () => {
    const { issuer, coordinator, intake } = starling;
    const signing = await readFile(join(starling.directory, 'signing.key'));
    const deploymentKey = Buffer.from(ed25519.getPublicKey(signing)).toString('hex');
    const platform = nodePlatform();
    const { code } = task;
    const settings = { issuer, coordinator, intake, useCase: manifest.useCase, code, deploymentKey };
    const device = await Device.enrol(settings, platform);
    // Both epochs that are issued for.
    expect(await device.prefetch({ slots: 99 })).toBe((2 * SLOTS) / LANES);
    platform.close();
    const { rows } = await starling.database.admin.query<{ id: string }>(
      'select id from identity.device where use_case = $1 and not id = any ($2)',
      [manifest.useCase, lanes.flat().map(({ device }) => device.id)],
    );
    const { id } = rows[0]!;
    others.push(id);
    expect(await charged(id)).toEqual(slotsOf(task.firstOf({ id })));
  });
});

describe('a task with the noise of a tree', () => {
  const published: RoundView[] = [];
  const steps: number[] = [];
  let first: Uint8Array;

  /** The round of a slot, published although its worker died at `point`. */
  async function publish(id: string, slot: number, point: Parameters<TestStarling['crashAt']>[1]): Promise<void> {
    await starling.crashAt('worker', point);
    await task.fill(slot);
    const round = await starling.researcher.awaitRound(id, 'published', 60_000);
    expect(starling.awaitsCrash('worker')).toBe(false);
    published.push(round);
    steps.push(slot);
  }

  // Kills: leaves counted by releases; noise drawn anew by a second run; noise of one round that does not cancel the one before.
  it('[DPR52] each round publishes the exact sum of its lane with the next noise of the one tree, wherever the worker dies', async () => {
    const { researcher } = starling;
    const ids = await researcher.startRounds(manifest.useCase, { count: 4, min: COHORT, target: COHORT });
    const began = publish(ids[0]!, 0, 'worker-partials-read');
    // The seed is stored before the first draw: seen while the worker is dead.
    for (let row = await tree(); ; row = await tree()) {
      if (row?.steps === 0) first = row.seed;
      if (row !== undefined) break;
    }
    await began;
    const before = await tree();
    const abandoned = await awaitOpenRound(starling.coordinator, manifest.useCase);
    expect(abandoned.roundId).toBe(ids[1]);
    await researcher.abort(abandoned.roundId);
    await publish(ids[2]!, 2, 'worker-model-made');
    // Deleted after the commit that everybody sees.
    await eventually('the former sums go', () => !existsSync(bodyOf(before!.file!)), { withinMs: 60_000 });
    await publish(ids[3]!, 3, 'worker-publishing');

    for (const { slot, issued } of published) {
      const everybody = [...lanes.flat().map(({ device }) => device.id), ...others];
      expect(issued).toBe(everybody.filter((id) => task.firstOf({ id }) === slot! % LANES).length);
    }
    const truth = { seed: first, deviation: DEVIATION, dimension: DIMENSION, steps };
    for (const [release, { modelIn, modelOut, slot }] of published.entries()) {
      const [x, next] = await Promise.all([modelIn, modelOut].map((digest) => task.parametersOf(digest)));
      const noise = treeNoise(truth, release);
      const sum = Float64Array.from(noise, (n, j) => n + valuesOf(slot!, 0)[j]! + valuesOf(slot!, 1)[j]!);
      const mean = fedAvg(sum, COHORT, GRID);
      expect(next).toEqual(x!.map((value, j) => Math.fround(value + mean[j]!)));
    }
  }, 180_000);

  it('[DPR57] what is kept of a tree is for its later steps: a seed hashed on, and sums of which there is one file', async () => {
    const row = (await tree())!;
    expect(row.steps).toBe(4);
    expect(Buffer.from(row.seed).equals(seedOf(first, 4))).toBe(true);
    expect(existsSync(bodyOf(row.file!))).toBe(true);
  });

  it('[DPR55] ε is that of the tree so far, in the view, the ledger and the log', async () => {
    for (const [i, round] of published.entries()) {
      const moves = laneSensitivity({ steps: steps.slice(0, i + 1), separation: LANES, length: steps[i]! + 1 });
      const epsilon = gaussianEpsilon({ sigma: PRIVACY.noiseMultiplier / moves, count: 1 }, PRIVACY.delta);
      expect(round.epsilon).toBeCloseTo(epsilon, 9);
      expect(round).toMatchObject({ noise: 'tree', separation: LANES });
    }
    const { rows } = await starling.database.admin.query('select tree, step from rounds.release order by released_at');
    expect(rows).toEqual(steps.map((step) => ({ tree: 1, step })));
    const signing = await readFile(join(starling.directory, 'signing.key'));
    const key = Buffer.from(ed25519.getPublicKey(signing)).toString('hex');
    const { code: exit, out } = await commandsOf(starling)('log', 'verify', '--deployment-key', key, '--json');
    expect({ exit, problems: (JSON.parse(out) as { problems: unknown }).problems }).toEqual({ exit: 0, problems: [] });
    const shown = await commandsOf(starling)('round', 'show', published[2]!.id);
    expect(shown.out).toContain('a device takes part every 3 slots at most');
  });

  // Kills: rounds that start although no tree would hold them.
  it('[DPR54] no round starts past the end of the tree where the budget has no room for another', async () => {
    const { researcher } = starling;
    const { useCase } = await researcher.createUseCase({ ...GRID, privacy: PRIVACY, slots: SLOTS });
    const start = (count: number) =>
      researcher.call(`/use-cases/${useCase}/rounds`, { count, min: 2, target: 2, deadlineSeconds: 60 });
    const refused = await start(EPOCHS * SLOTS + 1);
    expect(codeOf(refused)).toBe('budget_spent');
    expect(refused.text).toContain(`${EPOCHS * SLOTS} more can start`);
    expect((await start(EPOCHS * SLOTS)).status).toBe(201);
    expect(codeOf(await start(1))).toBe('budget_spent');
  });

  // Kills: a tree whose sensitivity is another than the one accounted for.
  it('[DPR56] what does not go with a tree is refused when the task is made, in a sentence', async () => {
    const { researcher } = starling;
    const initialModel = await researcher.upload(researcher.initialModel(LAYOUT));
    const draft = { id: 'refused', title: 'A test', layout: LAYOUT, initialModel, slots: SLOTS, ...GRID };
    const refusals: [object, RegExp][] = [
      [{ slots: 8 }, /separation must divide the 8 slots/],
      [{ quota: 1 }, /a device gets 2 of 6 tokens/],
      [{ reuse: 2 }, /good for one round/],
      [{ strategy: { name: 'FedBuff' } }, /FedBuff and the noise of a tree/],
      [{ strategy: { name: 'FedMedian' } }, /FedMedian and privacy/],
      [{ privacy: { ...PRIVACY, epsilonMax: 1 } }, /would cost ε .* budget is 1/],
      [{ privacy: { ...PRIVACY, epochs: 4096 }, slots: 1023 }, /leaves/],
    ];
    for (const [change, sentence] of refusals) {
      const answer = await researcher.call('/use-cases', { ...draft, privacy: PRIVACY, ...change });
      expect([codeOf(answer), answer.text]).toEqual(['bad_strategy', expect.stringMatching(sentence)]);
    }
    const half = { ...draft, privacy: { ...PRIVACY, separation: undefined } };
    expect(codeOf(await researcher.call('/use-cases', half))).toBe('malformed_message');
  });
});
