import { describe, expect, it } from '@jest/globals';

import { seeded } from '#client/testing';
import { submissionDelay } from '#client';

import { inOrder, inStep, linked, soonAfter } from './adversary.js';
import { EPOCH_MS, simulate, type Plan } from './simulation.js';
import type { SimulatedServers } from './simulated-servers.js';

/** Runs of 400 devices: one in `npm test`, twenty where all is measured. Each run has a seed, so figures repeat. */
const RUNS = process.env['STARLING_K'] === 'full' ? 20 : 1;
const PATIENCE_MS = 300_000 * RUNS;
const N = 400;
const MINUTE = 60_000;

/** A use case's defaults, W = 1 s. Rounds for twelve minutes, over two epochs in which one device in five enrols. */
const DEFAULTS: Omit<Plan, 'seed'> = {
  devices: N,
  latecomers: 0.2,
  jitterMs: 1000,
  pollMs: 5 * MINUTE,
  neverFetchAndSpend: true,
  prefetches: true,
  opens: [0.3, 0.7, 1.02, 1.6].map((epochs) => epochs * EPOCH_MS),
  openForMs: 12 * MINUTE,
  training: (draw) => 2000 + 8000 * draw,
};
/** Fetches and spends when it sees the round, as many do who have only heard of tokens. */
const FETCH_AND_SPEND: Omit<Plan, 'seed'> = {
  ...DEFAULTS,
  neverFetchAndSpend: false,
  prefetches: false,
  latecomers: 0,
  jitterMs: 0,
  opens: [0.5 * EPOCH_MS],
  training: () => 0,
};

type Way = Parameters<typeof linked>[2];
const WAYS: Record<string, Way> = {
  'soon after fetching': { attack: soonAfter(500), by: 'issuances' },
  'in the order of fetching': { attack: inOrder, by: 'issuances' },
  'in step since enrolling': { attack: inStep(DEFAULTS.pollMs), by: 'enrolments' },
};

const SOON: Record<string, Way> = { soon: { attack: soonAfter(400), by: 'issuances' } };

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Mean share over all rounds of all runs, and what guessing would give. */
async function measure(
  plan: Omit<Plan, 'seed'>,
  ways: Readonly<Record<string, Way>>,
): Promise<{ figures: Record<string, number>; chance: number; submissions: number }> {
  const shares = new Map<string, number[]>(Object.keys(ways).map((name) => [name, []]));
  const [chances, counts]: number[][] = [[], []];
  for (let run = 0; run < RUNS; run++) {
    const servers = await simulate({ ...plan, seed: 1 + run });
    for (const round of servers.rounds) {
      for (const [name, way] of Object.entries(ways)) {
        const { share, candidates } = linked(servers, round, way);
        shares.get(name)!.push(share);
        chances!.push(1 / candidates);
      }
      counts!.push(submissionsOf(servers, round.epoch, round.slot));
    }
  }
  const figures = Object.fromEntries([...shares].map(([name, all]) => [name, mean(all)]));
  return { figures, chance: mean(chances!), submissions: mean(counts!) };
}

const submissionsOf = ({ redemptions }: SimulatedServers, epoch: number, slot: number): number =>
  redemptions.filter((token) => token.epoch === epoch && token.slot === slot).length;

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;

describe('who reads the clocks of issuer and intake', () => {
  it(
    '[LNK1] links hardly more than by guessing: three in N at most, with the defaults',
    async () => {
      const { figures, chance, submissions } = await measure(DEFAULTS, WAYS);
      console.log(
        `${RUNS} runs of ${N} devices, ${submissions.toFixed(0)} submissions a round, guessing ${percent(chance)}`,
        Object.fromEntries(Object.entries(figures).map(([name, share]) => [name, percent(share)])),
      );
      expect(submissions).toBeGreaterThan(0.7 * N);
      for (const share of Object.values(figures)) expect(share).toBeLessThanOrEqual(3 / N);
    },
    PATIENCE_MS,
  );

  // The mutant that [LNK1] kills: it also shows that the adversary can see.
  it(
    '[LNK1] links at least four in five devices that fetch a token when they spend it',
    async () => {
      const { figures } = await measure(FETCH_AND_SPEND, SOON);
      const jittered = await measure({ ...FETCH_AND_SPEND, jitterMs: 1000 }, SOON);
      console.log(`fetch and spend: ${percent(figures['soon']!)}, with W = 1 s ${percent(jittered.figures['soon']!)}`);
      expect(figures['soon']).toBeGreaterThanOrEqual(0.8);
      // Jitter alone does not hide it: this is why tokens come an epoch ahead.
      expect(jittered.figures['soon']).toBeGreaterThan(0.1);
    },
    PATIENCE_MS,
  );
});

describe('5,000 devices that are told of a round at once', () => {
  /** Largest bin of 10 s over the mean of the window, training for up to ten seconds. */
  const peakToMean = (jitterMs: number): number => {
    const random = seeded(5);
    const bins = new Map<number, number>();
    for (let i = 0; i < 5000; i++) {
      const [draw] = random(1);
      const bin = Math.floor(((draw! * 9000) / 256 + submissionDelay(jitterMs, random)) / 10_000);
      bins.set(bin, (bins.get(bin) ?? 0) + 1);
    }
    return Math.max(...bins.values()) / (5000 / 60);
  };

  // Kills: no jitter; jitter counted from the opening, which piles up at the end of the training.
  it('[LNK2] come evenly with W = 600 s, and at once without', () => {
    const [spread, together] = [peakToMean(600_000), peakToMean(0)];
    console.log(`peak over mean: ${spread.toFixed(2)} with, ${together.toFixed(0)} without`);
    expect(spread).toBeLessThanOrEqual(1.5);
    expect(together).toBeGreaterThanOrEqual(50);
  });
});
