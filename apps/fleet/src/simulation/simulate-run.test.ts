import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as soon } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { l2Norm, privacySpent } from '#learning';
import { chooseBackend } from '#tensorflow';

import { PIXELS, type Examples } from '../data/index.js';
import { TrainingPool, type TrainingTask } from '../training/index.js';
import type { RoundMetrics } from './metrics.js';
import { readScenario } from './scenario.js';
import { simulateRun, type RunPorts } from './simulate-run.js';
import { simulateScenario } from './simulate-scenario.js';

/** 100 examples whose label is in their first pixel. */
const train: Examples = {
  inputs: Uint8Array.from({ length: 100 * PIXELS }, (_, i) => (i % PIXELS === 0 ? (i / PIXELS) % 10 : 0)),
  labels: Uint8Array.from({ length: 100 }, (_, i) => i % 10),
};
const BASE = { title: 'A test', task: 'digits-softmax', devices: 20, rounds: 2, clip: 10, scale: 2 ** 10 };
const settingsOf = (more: object) => readScenario({ ...BASE, ...more }).runs[0]!.settings;

/** Devices that do not train: each adds 1 to its first parameter. Answers come in another order than asked for. */
class StillPool {
  readonly asked: TrainingTask[] = [];
  #held: (() => void)[] = [];

  async train(task: TrainingTask): Promise<Float32Array> {
    this.asked.push(task);
    await new Promise<void>((resolve) => {
      this.#held.push(resolve);
      void soon().then(() => this.#held.pop()?.());
    });
    const trained = Float32Array.from(task.parameters);
    trained[0]! += 1;
    return trained;
  }
}

const examined: Float32Array[] = [];
const ports = (pool: RunPorts['pool'] = new StillPool()): RunPorts => ({
  pool,
  examiner: {
    examine: (parameters: Float32Array) => {
      examined.push(Float32Array.from(parameters));
      return { accuracy: 0.5, loss: 1, attackSuccess: null };
    },
  } as unknown as RunPorts['examiner'],
});

async function roundsOf(more: object, given = ports()): Promise<{ rounds: RoundMetrics[]; ended: string | null }> {
  const rounds: RoundMetrics[] = [];
  const run = simulateRun(settingsOf(more), train, given);
  for (;;) {
    const { done, value } = await run.next();
    if (done === true) return { rounds, ended: value };
    rounds.push(value);
  }
}

const attackers = (kind: string, more: object = {}) => ({ attackers: { kind, share: 0.25, ...more } });
const DIMENSION = 7850;

describe('a simulated round', () => {
  it('[SCN6] asks as many devices as it is to, others in another round, and counts them all', async () => {
    const pool = new StillPool();
    const { rounds } = await roundsOf({ cohort: 8 }, ports(pool));
    expect(rounds.map(({ asked, accepted }) => [asked, accepted])).toEqual([
      [8, 8],
      [8, 8],
    ]);
    const seeds = pool.asked.map(({ settings }) => String(settings.seed));
    expect(new Set(seeds).size).toBe(16);
    const devices = (round: number) =>
      seeds
        .filter((seed) => seed.startsWith(`1/${round}/`))
        .map((seed) => seed.split('/')[2])
        .sort();
    expect(devices(1)).not.toEqual(devices(2));
  });

  // Kills: a quota that does not count, or that leaves the last rounds with devices short.
  it('[SCN6] asks no device more often than its tokens allow', async () => {
    const pool = new StillPool();
    await roundsOf({ cohort: 8, rounds: 5, quota: 2 }, ports(pool));
    const times = new Map<string, number>();
    for (const { settings } of pool.asked) {
      const device = String(settings.seed).split('/')[2]!;
      times.set(device, (times.get(device) ?? 0) + 1);
    }
    expect([...times.values()]).toEqual(new Array(20).fill(2));
  });

  // Kills: attackers whose updates reach the sum as they are.
  it('[SCN7] attackers pass the same clip as everybody', async () => {
    examined.length = 0;
    const { rounds } = await roundsOf({ rounds: 1, ...attackers('sign_flip', { strength: 1e6 }) });
    expect(rounds[0]).toMatchObject({ accepted: 20, refused: {}, clipped: 0 });
    // 15 devices add 1; five are shortened from a million to the clip.
    expect(examined[0]![0]! - (await startOf())[0]!).toBeCloseTo((15 * 1 - 5 * 10) / 20, 3);
  });

  // Kills: no check after the grid; refused updates counted as accepted.
  it('[SCN7] who does not clip is refused, by range or by norm', async () => {
    const { rounds: out } = await roundsOf(attackers('scaled', { strength: 1000, clip: false }));
    expect(out.map(({ accepted, refused }) => ({ accepted, refused }))).toEqual(
      out.map(() => ({ accepted: 15, refused: { out_of_range: 5 } })),
    );
    const { rounds: long } = await roundsOf(attackers('random', { strength: 100, clip: false }));
    expect(long[0]).toMatchObject({ accepted: 15, refused: { norm_exceeded: 5 } });
    // One that is within the clip passes either way.
    expect((await roundsOf(attackers('scaled', { strength: 2, clip: false }))).rounds[0]!.accepted).toBe(20);
  });

  it('[SCN7] attackers who collude send what honest devices sent, moved', async () => {
    examined.length = 0;
    const pool = new StillPool();
    await roundsOf({ rounds: 1, ...attackers('little_is_enough', { strength: 3 }) }, ports(pool));
    expect(pool.asked).toHaveLength(15);
    // All honest are alike: their deviation is 0, and so is what the attackers move.
    expect(examined[0]![0]! - (await startOf())[0]!).toBeCloseTo(1, 3);
  });

  it('[SCN8] devices vanish by chance, and those slower than the deadline do not count', async () => {
    const { rounds } = await roundsOf({ rounds: 40, dropouts: 0.3 });
    const vanished = rounds.reduce((sum, round) => sum + round.vanished, 0);
    expect(Math.abs(vanished - 240)).toBeLessThan(5 * Math.sqrt(800 * 0.3 * 0.7));
    for (const round of rounds) expect(round.vanished + round.accepted).toBe(20);

    const stragglers = { share: 0.2, factor: 5 };
    const [waited] = (await roundsOf({ stragglers })).rounds;
    expect(waited).toMatchObject({ accepted: 20, late: 0, duration: 5 });
    const [cut] = (await roundsOf({ stragglers, deadline: 2 })).rounds;
    expect(cut).toMatchObject({ accepted: 16, late: 4, duration: 2 });

    const [spread, again] = (await roundsOf({ spread: 1 })).rounds;
    expect(spread!.duration).toBeGreaterThan(1.5);
    expect(spread!.duration).toBeLessThan(2);
    expect(again!.duration).toBe(spread!.duration);
  });

  // Kills: updates that are summed as they were before they were written down.
  it.each(['int16', 'int8', { topK: 10 }])(
    '[SCN7] updates in %j are clipped, rounded and checked as such',
    async (encoding) => {
      examined.length = 0;
      const { rounds } = await roundsOf({ encoding, scale: 12, rounds: 1 });
      expect(rounds[0]).toMatchObject({ accepted: 20, refused: {} });
      expect(examined[0]![0]! - (await startOf())[0]!).toBeCloseTo(1, 3);
    },
  );

  it('[SCN32] ends with the round that reaches the goal, where it is to', async () => {
    expect(await roundsOf({ goal: 0.5 })).toMatchObject({ rounds: [{}, {}], ended: null });
    const { rounds, ended } = await roundsOf({ goal: 0.5, untilGoal: true });
    expect(rounds).toHaveLength(1);
    expect(ended).toBe('The goal is reached.');
  });

  // Kills: a strategy's refusal that ends the run; a model changed by a round that did not count.
  it('[SCN8] a round with fewer updates than its strategy takes leaves the model as it was, and says so', async () => {
    examined.length = 0;
    const { rounds } = await roundsOf({ strategy: { name: 'Bulyan', malicious: 5 } });
    expect(rounds[0]!.abandoned).toContain('fewer than the 23');
    expect(examined[1]).toEqual(await startOf());
  });

  async function startOf(): Promise<Float32Array> {
    const { TASKS } = await import('./tasks.js');
    return TASKS['digits-softmax'].initialParameters(1);
  }
});

describe('noise', () => {
  const privacy = { noiseMultiplier: 2, delta: 1e-6, epsilonMax: 100 };

  // Kills: noise of σ grid steps and not of σ times the sensitivity; noise on the mean.
  it('[SCN9] is the worker’s: σ times what one device can change, on the sum', async () => {
    examined.length = 0;
    await roundsOf({ rounds: 1, privacy });
    const quiet = examined.splice(0)[0]!;
    await roundsOf({ rounds: 1 });
    const noise = quiet.map((value, j) => value - examined[0]![j]!);
    const expected = (2 * (10 * 2 ** 10 + Math.sqrt(DIMENSION) / 2)) / (2 ** 10 * 20);
    expect(l2Norm(noise) / Math.sqrt(DIMENSION) / expected).toBeCloseTo(1, 1);
  });

  // Kills: ε of all rounds where the quota lets a device into two only.
  it('[SCN9] costs what the accountant says, for as many rounds as a device may be in', async () => {
    const epsilon = (count: number) => privacySpent([{ mechanism: 'gaussian', sigma: 2, count }], 1e-6).epsilon;
    const { rounds } = await roundsOf({ rounds: 4, privacy });
    expect(rounds.map((round) => round.epsilon)).toEqual([1, 2, 3, 4].map(epsilon));
    const spared = await roundsOf({ rounds: 4, cohort: 10, quota: 2, privacy });
    expect(spared.rounds.map((round) => round.epsilon)).toEqual([1, 2, 2, 2].map(epsilon));
  });

  // Kills: a clip that stays, bits of what was clipped, noise of the first clip.
  it('[SCN9] clips that adapt follow the norms, which are 1 here, and leave the noise on the sum', async () => {
    const clipping = { learningRate: 1, countNoise: 2 };
    examined.length = 0;
    const { rounds } = await roundsOf({ rounds: 8, clip: 6, privacy: { ...privacy, clipping } });
    const free = rounds.map(({ clip, unclipped }) => clip * Math.exp(-(unclipped! - 0.5)));
    for (const [i, { clip }] of rounds.slice(1).entries()) expect(clip).toBeCloseTo(free[i]!, 5);
    const within = rounds.map(({ clip, unclipped }) => Math.abs(unclipped! - (clip >= 1 ? 1 : 0)));
    for (const noise of within) expect(noise).toBeLessThan((5 * 2) / 20);
    expect(rounds[0]!.clip).toBe(6);
    expect(rounds.at(-1)!.clip).toBeGreaterThan(0.5);
    expect(rounds.at(-1)!.clip).toBeLessThan(2);
    // Of the last two models: σ_z of 2 beside 2·2, and the last clip.
    const [before, after] = examined.slice(-2) as [Float32Array, Float32Array];
    const noise = after.map((value, j) => (j === 0 ? 0 : value - before[j]!));
    const sigma = (1 / 4 - 1 / 16) ** -0.5;
    const expected = (sigma * (rounds.at(-1)!.clip * 2 ** 10 + Math.sqrt(DIMENSION) / 2)) / (2 ** 10 * 20);
    expect(l2Norm(noise) / Math.sqrt(DIMENSION) / expected).toBeCloseTo(1, 1);
    expect(rounds.at(-1)!.epsilon).toBe(privacySpent([{ mechanism: 'gaussian', sigma: 2, count: 8 }], 1e-6).epsilon);
  });

  it('[SCN9] ends the run before the round that would pass the budget', async () => {
    const epsilonMax = privacySpent([{ mechanism: 'gaussian', sigma: 2, count: 2 }], 1e-6).epsilon;
    const { rounds, ended } = await roundsOf({ rounds: 4, privacy: { ...privacy, epsilonMax } });
    expect(rounds).toHaveLength(2);
    expect(ended).toContain('budget');
  });
});

describe('a whole scenario', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'simulation-'));
    await chooseBackend();
  });
  afterAll(() => rm(directory, { recursive: true }));

  // Kills: moments summed in order of arrival; a stream of random numbers shared by devices.
  it('[SCN10] gives the same figures, bit by bit, whatever the number of threads', async () => {
    const plan = readScenario({
      ...{ title: 'Twice', task: 'digits-softmax', devices: 12, rounds: 2, examples: 400, clip: 2, dropouts: 0.1 },
      ...{ partition: { kind: 'dirichlet', alpha: 0.5 }, goal: 0.2 },
      runs: {
        run: {
          little: {
            attackers: { kind: 'little_is_enough', share: 0.25, strength: 1 },
            strategy: { name: 'MultiKrum', malicious: 3, selected: 6 },
          },
          back: { attackers: { kind: 'backdoor', share: 0.25, strength: 5 } },
        },
      },
    });
    const results = [];
    for (const threads of [1, 2]) {
      const pool = new TrainingPool(threads);
      const { runs } = await simulateScenario(plan, { pool, cacheDirectory: directory });
      await pool.close();
      results.push(runs.map((run) => ({ ...run, seconds: 0 })));
    }
    expect(results[1]).toEqual(results[0]);
    expect(results[0]!.map(({ goalReached }) => goalReached)).not.toContain(null);
    expect(results[0]![1]!.attackSuccess).not.toBeNull();
    expect(results[0]![0]!.attackSuccess).toBeNull();
  }, 300_000);
});
