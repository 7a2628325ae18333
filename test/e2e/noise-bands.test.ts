import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import {
  addDiscreteGaussian,
  bandedFactor,
  factorNorm,
  fedAvg,
  gaussianEpsilon,
  seededBytes,
  toDeviation,
} from '#learning';
import type { RoundView } from '#protocol';

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
  valuesOf,
} from '../fixtures/laned-task.js';
import { LAYOUT } from '../fixtures/researcher.js';
import { awaitOpenRound } from '../fixtures/submission.js';
import { seedOf } from '../fixtures/tree-noise.js';

const BANDS = 3;
const PRIVACY = {
  noiseMultiplier: 4,
  delta: 1e-5,
  epsilonMax: 4,
  mechanism: 'banded',
  separation: LANES,
  epochs: EPOCHS,
  bands: BANDS,
} as const;

let task: LanedTask;

beforeAll(async () => {
  task = await LanedTask.start(PRIVACY);
}, 120_000);
afterAll(() => task.starling.stop());

/** The discrete Gaussian of a step, from the first step's seed. */
function draw(first: Uint8Array, step: number): Float64Array {
  const z = new Float64Array(DIMENSION);
  const at = seedOf(first, step);
  const deviation = toDeviation(deviationOf(PRIVACY.noiseMultiplier) * factorNorm(BANDS));
  addDiscreteGaussian(z, { deviation, bytesOf: (block) => seededBytes(at, 'bands', block) });
  return z;
}

async function firstSeed(): Promise<Uint8Array> {
  for (;;) {
    const { rows } = await task.starling.database.admin.query<{ seed: Uint8Array; steps: number }>(
      'select seed, steps from rounds.tree where use_case = $1',
      [task.manifest.useCase],
    );
    const [row] = rows;
    if (row === undefined) continue;
    expect(row.steps).toBe(0);
    return row.seed;
  }
}

describe('a task with banded noise', () => {
  // Kills: noise drawn anew by a second run; bands that count releases instead of slots; noise that does not cancel.
  it('[DPR63] each round publishes the private answers to C·x + z, wherever the worker dies and whatever is passed over', async () => {
    const { starling, manifest } = task;
    const { researcher } = starling;
    const ids = await researcher.startRounds(manifest.useCase, { count: 4, min: COHORT, target: COHORT });
    const published = new Map<number, RoundView>();
    const publish = async (slot: number, point: Parameters<typeof starling.crashAt>[1]): Promise<void> => {
      await starling.crashAt('worker', point);
      await task.fill(slot);
      published.set(slot, await researcher.awaitRound(ids[slot]!, 'published', 60_000));
      expect(starling.awaitsCrash('worker')).toBe(false);
    };
    const began = publish(0, 'worker-partials-read');
    const first = await firstSeed();
    await began;
    await publish(1, 'worker-model-made');
    await awaitOpenRound(starling.coordinator, manifest.useCase);
    await researcher.abort(ids[2]!);
    await publish(3, 'worker-publishing');

    const [unit, ...rest] = bandedFactor(BANDS);
    const releases = new Map<number, Float64Array>();
    const sums = new Map([0, 1, 3].map((slot) => [slot, sumOf(slot)] as const));
    for (const [slot, { modelIn, modelOut }] of published) {
      // By its definition: the noisy answer first, then what is released, from it and from earlier releases alone.
      const answer = draw(first, slot).map((z, j) => z + unit! * sums.get(slot)![j]!);
      rest.forEach((share, back) => {
        const [sum, release] = [sums, releases].map((known) => known.get(slot - 1 - back));
        if (sum !== undefined) answer.forEach((_, j) => (answer[j]! += share * (sum[j]! - release![j]!)));
      });
      const release = answer.map((y) => Math.floor(y / unit! + 0.5));
      releases.set(slot, release);
      const [x, next] = await Promise.all([modelIn, modelOut].map((digest) => task.parametersOf(digest)));
      const mean = fedAvg(release, COHORT, GRID);
      expect(next).toEqual(x!.map((value, j) => Math.fround(value + mean[j]!)));
    }
  }, 180_000);

  it('[DPR61] ε is that of the fullest lane so far, in the view and against the budget', async () => {
    const { researcher } = task.starling;
    const rounds = await researcher.call(`/rounds?useCase=${task.manifest.useCase}`);
    const epsilonOf = (count: number): number =>
      gaussianEpsilon({ sigma: PRIVACY.noiseMultiplier, count }, PRIVACY.delta);
    const views = (JSON.parse(rounds.text) as RoundView[]).filter(({ state }) => state === 'published');
    // Slots 0 and 3 are of one lane.
    const expected = [epsilonOf(1), epsilonOf(1), epsilonOf(2)];
    expect(views.map(({ noise }) => noise)).toEqual(['banded', 'banded', 'banded']);
    views.forEach(({ epsilon }, i) => expect(epsilon).toBeCloseTo(expected[i]!, 9));
  });

  it('[DPR64] what does not go with banded noise is refused when the task is made, in a sentence', async () => {
    const { researcher } = task.starling;
    const initialModel = await researcher.upload(researcher.initialModel(LAYOUT));
    const draft = { id: 'refused', title: 'A test', layout: LAYOUT, initialModel, slots: SLOTS, ...GRID };
    const refusals: [object, string, RegExp][] = [
      [{ privacy: { ...PRIVACY, bands: LANES + 1 } }, 'malformed_message', /no more than the separation/],
      [{ privacy: { ...PRIVACY, mechanism: 'tree' } }, 'malformed_message', /of the mechanism banded/],
      [{ privacy: { ...PRIVACY, epsilonMax: 0.5 } }, 'bad_strategy', /banded noise would cost ε/],
      [{ privacy: PRIVACY, reuse: 2 }, 'bad_strategy', /banded noise a token is good for one round/],
      [{ privacy: PRIVACY, strategy: { name: 'FedBuff' } }, 'bad_strategy', /FedBuff and banded noise/],
    ];
    for (const [change, code, sentence] of refusals) {
      const answer = await researcher.call('/use-cases', { ...draft, ...change });
      expect([codeOf(answer), answer.text]).toEqual([code, expect.stringMatching(sentence)]);
    }
  });
});

const sumOf = (slot: number): number[] => valuesOf(slot, 0).map((value, j) => value + valuesOf(slot, 1)[j]!);
