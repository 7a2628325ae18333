import { describe, expect, it } from '@jest/globals';

import { BOOK, Strategies } from '#learning';
import { CreateUseCase, type UseCaseDraft, type UseCasePreview } from '#protocol';

import { RoundRules } from './round-rules.js';
import { UseCasePreviews } from './use-case-previews.js';
import { settleTask, privacyTerms } from './use-case-rules.js';

const strategies = new Strategies(BOOK);
const TASK = { layout: [{ name: 'w', shape: [1000] }], kMin: 100, clip: 1, scale: 1000 };
const NOISE = { noiseMultiplier: 1, delta: 1e-6, epsilonMax: 8 };

const previews = new UseCasePreviews(
  { strategies, drafts: { find: async (id) => (id === 'taken' ? ({ draft: {} } as never) : undefined) } },
  { audience: 'starling.test', logKey: new Uint8Array(32) },
);
const preview = (body: object): Promise<UseCasePreview> => previews.preview({ ...TASK, ...body });
const fieldsOf = ({ problems }: UseCasePreview): string[] => problems.map(({ field }) => field);

/** What creating the task and starting its rounds really comes to. */
function refusalOf(body: object, count: number, target = 100): Promise<unknown> {
  const wish = CreateUseCase.parse({ id: 'a', title: 'A', initialModel: '00'.repeat(32), ...TASK, ...body });
  const draft: UseCaseDraft = { ...wish, ...settleTask(wish, strategies), privacy: privacyTerms(wish) };
  const ledger = {
    epochs: async () => [],
    unfinished: async () => 0,
    trees: { now: async () => undefined, releases: async () => [] },
  };
  const rules = new RoundRules({
    strategies,
    drafts: { find: async () => ({ draft }) } as never,
    models: { has: async () => true, newest: async () => 0 },
    ledger: ledger as never,
  });
  return rules.check('a', { count, min: wish.kMin, target, deadlineSeconds: 60 }).then(
    () => undefined,
    (error: Error) => error.message,
  );
}

describe('the preview of a use case', () => {
  it('[WIZ1] says how large an update is and how many tokens a device gets', async () => {
    expect(await preview({ slots: 32 })).toEqual({
      problems: [],
      warnings: [],
      epsilonByRound: [],
      noiseToSignal: null,
      bytesPerUpdate: 4000,
      tokensPerDevice: 32,
      parameters: 1000,
    });
    expect((await preview({ encoding: { topK: 10 }, scale: 100 })).bytesPerUpdate).toBe(60);
  });

  it('[WIZ1] names every field that is wrong at once, and what a new id must not be', async () => {
    expect(fieldsOf(await preview({ kMin: 0, slots: 5000, unheard: 1 }))).toEqual(['slots', 'kMin', '']);
    expect(fieldsOf(await preview({ id: 'taken' }))).toEqual(['id']);
    expect(fieldsOf(await preview({ strategy: { name: 'FedNothing' } }))).toEqual(['strategy']);
    expect(fieldsOf(await preview({ encoding: 'int8' }))).toEqual(['scale']);
    expect(fieldsOf(await preview({ strategy: { name: 'Krum', malicious: 1 }, privacy: NOISE }))).toEqual(['privacy']);
    expect(fieldsOf(await preview({ encoding: { topK: 10 }, scale: 100, strategy: { name: 'FedMedian' } }))).toEqual([
      'encoding',
    ]);
    expect(fieldsOf(await preview({ cohort: 99 }))).toEqual(['cohort']);
  });

  // Kills: a preview that has rules of its own, and promises rounds that are then refused, or refuses those that start.
  it('[WIZ2] refuses a number of rounds where starting them is refused, and no other', async () => {
    const plans = [
      { privacy: { ...NOISE, noiseMultiplier: 4 } },
      { privacy: { ...NOISE, noiseMultiplier: 4, clipping: 'adaptive' } },
      { privacy: { ...NOISE, noiseMultiplier: 6, mechanism: 'tree', separation: 16, epochs: 1 }, slots: 64 },
    ];
    const met = new Set<boolean>();
    for (const body of plans) {
      for (const rounds of [1, 20, 64, 65, 200, 1000]) {
        const refusal = await refusalOf(body, rounds);
        const { problems } = await preview({ ...body, rounds });
        expect([body, rounds, problems.length > 0]).toEqual([body, rounds, refusal !== undefined]);
        met.add(refusal !== undefined);
      }
    }
    expect([...met].sort()).toEqual([false, true]);
  });

  it('[WIZ2] says what all rounds up to each could cost, never less than before, and what of it fits', async () => {
    const { epsilonByRound, problems, noiseToSignal } = await preview({
      privacy: { ...NOISE, noiseMultiplier: 4 },
      rounds: 100,
    });
    expect(epsilonByRound).toHaveLength(100);
    expect(epsilonByRound.every((epsilon, i) => i === 0 || epsilon >= epsilonByRound[i - 1]!)).toBe(true);
    const fit = epsilonByRound.filter((epsilon) => epsilon <= NOISE.epsilonMax).length;
    expect(problems).toEqual([{ field: 'privacy.epsilonMax', message: expect.stringContaining(`${fit} can start`) }]);
    expect(noiseToSignal).toBeGreaterThan(0);
  });

  it('[WIZ2] warns where noise drowns what the devices agree on', async () => {
    const { warnings } = await preview({ privacy: NOISE, kMin: 2, cohort: 2 });
    expect(warnings).toEqual([expect.stringContaining('will not show')]);
  });

  it('[WIZ1] answers to whatever it is sent', async () => {
    for (const body of [
      {},
      { layout: 7 },
      { layout: [], privacy: 'much' },
      { strategy: [] },
      { encoding: { topK: -1 } },
    ])
      expect((await previews.preview(body)).problems).not.toEqual([]);
  });
});
