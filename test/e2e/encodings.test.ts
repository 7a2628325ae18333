import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import {
  decodeSafetensors,
  encodeEntries,
  encodeSafetensors,
  encodingOf,
  ExactSum,
  fedAvg,
  sensitivity,
  unflatten,
  type EncodingChoice,
} from '#learning';
import type { Manifest } from '#protocol';

import { enrolCohort, type Member } from '../fixtures/cohort.js';
import { random, sha256 } from '../fixtures/device.js';
import { codeOf } from '../fixtures/http.js';
import { LAYOUT, type UseCaseWish } from '../fixtures/researcher.js';
import { startStarling, type TestStarling } from '../fixtures/starling.js';
import { awaitOpenRound, prepare, receiptOf, submit, told, type Submission } from '../fixtures/submission.js';

const DIMENSION = 64;
const DEVICES = 4;
const GRID = { scale: 12, clip: 10 };

let starling: TestStarling;
beforeAll(async () => {
  starling = await startStarling();
}, 120_000);
afterAll(() => starling.stop());

const deltaOf = (device: number): Float64Array =>
  Float64Array.from({ length: DIMENSION }, (_, j) => Math.sin(device * 7 + j * 13) * 1.1);

interface Scene {
  readonly manifest: Manifest;
  readonly members: Member[];
  readonly roundId: string;
  readonly submission: (member: number, payload: Uint8Array, encoding?: number) => Submission;
}

async function openRound(wish: UseCaseWish, spare: number = 0): Promise<Scene> {
  const { researcher, coordinator } = starling;
  const manifest = await researcher.createUseCase({ ...GRID, ...wish, slots: 2 });
  const members = await enrolCohort(starling, manifest, DEVICES + spare);
  await researcher.startRounds(manifest.useCase, { min: DEVICES, target: DEVICES });
  const round = await awaitOpenRound(coordinator, manifest.useCase);
  const submission = (member: number, payload: Uint8Array, encoding: number = manifest.encoding): Submission =>
    prepare(round, members[member]!.tokens[0]!, payload, { encoding });
  return { manifest, members, roundId: round.roundId, submission };
}

/** Every device's update is accepted. @returns their integers */
async function fill({ submission }: Scene, choice: EncodingChoice): Promise<Int32Array[]> {
  const encoding = encodingOf(choice, DIMENSION);
  const updates: Int32Array[] = [];
  for (let device = 0; device < DEVICES; device++) {
    const payload = encoding.encode(deltaOf(device), GRID, random);
    const sent = submission(device, payload);
    expect(told(await submit(starling.intake, sent))).toBe(receiptOf(sent));
    updates.push(encoding.decode(payload));
  }
  return updates;
}

/** Digest of the model that these updates make of zeros, by plain averaging. */
function modelOf(updates: readonly Int32Array[]): string {
  const sum = new ExactSum(GRID, DIMENSION);
  for (const q of updates) sum.add(q, 1);
  const next = Float32Array.from(fedAvg(sum.values, sum.totalWeight, GRID));
  return Buffer.from(sha256(encodeSafetensors(unflatten(next, LAYOUT)))).toString('hex');
}

const entries = (...list: readonly (readonly [index: number, value: number])[]): Uint8Array =>
  encodeEntries({
    indices: Uint32Array.from(list, ([index]) => index),
    values: Int32Array.from(list, ([, value]) => value),
  });

describe('a task has the encoding that it chose', () => {
  // Kills: bytes of one encoding checked or summed as those of another.
  it.each<EncodingChoice>(['int32', 'int16', 'int8', { topK: 9 }])(
    '[SUB20] in %j a round publishes exactly what its accepted updates make',
    async (encoding) => {
      const scene = await openRound({ encoding });
      const updates = await fill(scene, encoding);
      const { modelOut, accepted } = await starling.researcher.awaitRound(scene.roundId, 'published');
      expect([accepted, modelOut]).toEqual([DEVICES, modelOf(updates)]);
    },
  );

  it.each<EncodingChoice>(['int8', { topK: 9 }])('[SUB20] also side by side, for a median: %j', async (encoding) => {
    const scene = await openRound({ encoding, strategy: { name: 'GeometricMedian' } });
    await fill(scene, encoding);
    const { modelOut } = await starling.researcher.awaitRound(scene.roundId, 'published');
    const answer = await fetch(`${starling.coordinator}/v1/models/${modelOut}`);
    const [tensor] = decodeSafetensors(new Uint8Array(await answer.arrayBuffer()));
    expect(tensor!.data.some((value) => value !== 0)).toBe(true);
  });

  // Kills: a count of entries that may differ; an index twice, which would count twice; a look at the last chunk alone.
  it('[SUB21] a sparse update of another form is refused, and the round is that of the honest ones', async () => {
    const scene = await openRound({ encoding: { topK: 3 } }, 7);
    const { submission, manifest } = scene;
    const poisons: readonly (readonly [Uint8Array, string, number?])[] = [
      [entries([0, 1], [5, 1]), 'wrong_length'],
      [entries([0, 1], [5, 1], [6, 1], [7, 1]), 'wrong_length'],
      [entries([0, 1], [5, 1], [5, 1]), 'out_of_range'],
      [entries([5, 1], [0, 1], [6, 1]), 'out_of_range'],
      [entries([0, 1], [5, 1], [DIMENSION, 1]), 'out_of_range'],
      [entries([0, 1], [5, 121], [6, 1]), 'out_of_range'],
      [entries([0, 120], [5, 120], [6, 120]), 'norm_exceeded'],
    ];
    for (const [i, [payload, code]] of poisons.entries())
      expect([i, told(await submit(starling.intake, submission(DEVICES + i, payload)))]).toEqual([i, code]);
    const other = submission(0, entries([0, 1], [5, 1], [6, 1]), manifest.encoding - 1);
    expect(told(await submit(starling.intake, other))).toBe('unsupported_encoding');
    const updates = await fill(scene, { topK: 3 });
    const { modelOut } = await starling.researcher.awaitRound(scene.roundId, 'published');
    expect(modelOut).toBe(modelOf(updates));
  });

  // Kills: noise on the coordinates alone that somebody named, and so on none that nobody did; another encoding's bound.
  it('[DPR40] noise is as large as the encoding’s bound asks, and on every coordinate', async () => {
    const encoding = { topK: 3 };
    const privacy = { noiseMultiplier: 8, delta: 1e-5, epsilonMax: 50 };
    const scene = await openRound({ encoding, privacy });
    await fill(scene, encoding);
    const { modelOut } = await starling.researcher.awaitRound(scene.roundId, 'published');
    const { rows } = await starling.database.admin.query('select sensitivity from rounds.release where round_id = $1', [
      scene.roundId,
    ]);
    expect(rows).toEqual([{ sensitivity: sensitivity(GRID, DIMENSION, 1, encoding) }]);
    const answer = await fetch(`${starling.coordinator}/v1/models/${modelOut}`);
    const [tensor] = decodeSafetensors(new Uint8Array(await answer.arrayBuffer()));
    // σ·Δ₂ is some 970 steps, and none of 61 unnamed coordinates gets zero but once in 20,000 runs.
    expect(tensor!.data.filter((value) => value === 0)).toHaveLength(0);
  });
});

describe('what cannot work is refused when the task is made', () => {
  // Kills: a grid of which some numbers have no bytes; a k that no update can have.
  it('[LRN47] says which numbers, and what would fit', async () => {
    const { researcher } = starling;
    const initialModel = await researcher.upload(researcher.initialModel(LAYOUT));
    const draft = { id: 'refused', title: 'A test', layout: LAYOUT, initialModel, clip: 10 };
    for (const [change, words] of [
      [{ encoding: 'int8' }, 'clip · scale of at most 127 in this encoding, and not 655360: a scale of at most 12 at'],
      [{ encoding: 'int16', scale: 3277 }, 'at most 32767 in this encoding, and not 32770'],
      [{ encoding: { topK: 3 }, scale: 3277 }, 'at most 32767'],
      [{ encoding: { topK: 65 }, scale: 12 }, 'a k of 1 to 64, as many as it has parameters, and not 65'],
      [{ encoding: 'int4' }, ''],
      [{ encoding: { topK: 0 } }, ''],
    ] as const) {
      const answer = await researcher.call('/use-cases', { ...draft, ...change });
      expect([change, codeOf(answer)]).toEqual([change, 'malformed_message']);
      expect(answer.text).toContain(words);
    }
  });

  it('[LRN47] rules that compare coordinates, and sparse updates, exclude each other', async () => {
    const { researcher } = starling;
    const initialModel = await researcher.upload(researcher.initialModel(LAYOUT));
    const draft = { id: 'refused', title: 'A test', layout: LAYOUT, initialModel, ...GRID, encoding: { topK: 3 } };
    for (const strategy of [{ name: 'FedMedian' }, { name: 'FedTrimmedAvg' }, { name: 'Bulyan', malicious: 1 }]) {
      const answer = await researcher.call('/use-cases', { ...draft, strategy });
      expect(codeOf(answer)).toBe('bad_strategy');
      expect(answer.text).toContain('exclude each other');
    }
  });

  it('[LRN47] the list of use cases says the encoding of each', async () => {
    const { researcher } = starling;
    const { useCase } = await researcher.createUseCase({ encoding: { topK: 5 }, scale: 12 });
    const { json } = await researcher.call('/use-cases');
    expect(json).toContainEqual(expect.objectContaining({ id: useCase, encoding: { topK: 5 } }));
  });
});
