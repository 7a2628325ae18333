import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { aggregateInMemory, BOOK, decodeSafetensors, initialState, Strategies, weightedMean } from '#learning';
import type { StrategyChoice, StrategyView } from '#protocol';

import { enrolCohort } from '../fixtures/cohort.js';
import { codeOf } from '../fixtures/http.js';
import { LAYOUT } from '../fixtures/researcher.js';
import { startStarling, type TestStarling } from '../fixtures/starling.js';
import { awaitOpenRound, payloadOf, prepare, receiptOf, submit, told } from '../fixtures/submission.js';

const SCALE = 1000;
const DIMENSION = 64;
const DEVICES = 8;
const STRATEGY_MODULES = fileURLToPath(new URL('../../examples/own-strategy.js', import.meta.url));

let starling: TestStarling;
beforeAll(async () => {
  starling = await startStarling({ coordinator: { STRATEGY_MODULES }, worker: { STRATEGY_MODULES } });
}, 120_000);
afterAll(() => starling.stop());

it("[WIZ12] the coordinator lists what it takes: the book, then a researcher's own", async () => {
  const listed = (await starling.researcher.call('/strategies')).json as StrategyView[];
  expect(listed.slice(0, -1).map(({ name }) => name)).toEqual(BOOK.map(({ name }) => name));
  expect(listed.at(-1)).toEqual({ name: 'WithoutExtremes', options: { share: 0.1 } });
  expect(listed.find(({ name }) => name === 'Krum')!.options).toEqual({ malicious: null });
});

/** Seven that agree but for a little, and one that wants something else. */
const valueOf = (device: number, round: number, j: number): number =>
  device === DEVICES - 1 ? 400 : 100 + ((device * 7 + j * 3 + round * 5) % 11);
const updatesOf = (round: number): number[][] =>
  Array.from({ length: DEVICES }, (_, device) =>
    Array.from({ length: DIMENSION }, (_, j) => valueOf(device, round, j)),
  );

/** Runs rounds under a strategy. @returns the parameters after each */
async function modelsUnder(strategy: StrategyChoice, rounds: number): Promise<number[][]> {
  const { researcher, coordinator, intake } = starling;
  const manifest = await researcher.createUseCase({ strategy, scale: SCALE, slots: 4 });
  const slots = Array.from({ length: rounds }, (_, slot) => slot);
  const members = await enrolCohort(starling, manifest, DEVICES, { slots });
  const ids = await researcher.startRounds(manifest.useCase, { count: rounds, min: DEVICES, target: DEVICES });
  const models: number[][] = [];
  for (const [slot, id] of ids.entries()) {
    const round = await awaitOpenRound(coordinator, manifest.useCase);
    const updates = updatesOf(slot);
    for (const [i, { tokens }] of members.entries()) {
      const submission = prepare(round, tokens[slot]!, payloadOf(updates[i]!));
      expect(told(await submit(intake, submission))).toBe(receiptOf(submission));
    }
    const { modelOut } = await researcher.awaitRound(id, 'published');
    const answer = await fetch(`${coordinator}/v1/models/${modelOut}`);
    models.push(decodeSafetensors(new Uint8Array(await answer.arrayBuffer())).flatMap(({ data }) => [...data]));
  }
  return models;
}

/** The same in one process, from numbers that no grid, queue or database has seen. */
function modelsInMemory(choice: StrategyChoice, rounds: number): number[][] {
  const { aggregator, optimizer } = new Strategies(BOOK).make(choice);
  let [x, state] = [new Float64Array(DIMENSION), initialState(DIMENSION)];
  return Array.from({ length: rounds }, (_, round) => {
    const cohort = updatesOf(round).map((values) => ({
      delta: Float64Array.from(values, (value) => value / SCALE),
      weight: 1,
    }));
    const aggregate = aggregator.reads === 'sum' ? weightedMean(cohort) : aggregateInMemory(aggregator, cohort);
    const next = optimizer.step(x, aggregate, state);
    [x, state] = [Float64Array.from(Float32Array.from(next.x)), next.state];
    return [...x];
  });
}

const near = (got: readonly number[], want: readonly number[]): number =>
  Math.max(...got.map((value, j) => Math.abs(value - want[j]!)));

describe('a task has the strategy that it chose', () => {
  // Kills: the same strategy for every task; moments that begin anew each round.
  it.each<[StrategyChoice, number]>([
    [{ name: 'FedAvg' }, 1],
    [{ name: 'FedAvgM', momentum: 0.5 }, 3],
    [{ name: 'FedAdam', learningRate: 0.05 }, 3],
    [{ name: 'FedMedian' }, 1],
    [{ name: 'Krum', malicious: 1 }, 2],
    [{ name: 'Bulyan', malicious: 1 }, 1],
    [{ name: 'GeometricMedian' }, 1],
    [{ name: 'NormBoundedMean', bound: 1 }, 1],
  ])('[STR6] %j over %i rounds', async (choice, rounds) => {
    const models = await modelsUnder(choice, rounds);
    const expected = modelsInMemory(choice, rounds);
    for (const [round, model] of models.entries()) expect(near(model, expected[round]!)).toBeLessThan(1e-6);
  });

  it('[STR2] also one that a researcher wrote in a file', async () => {
    const [model] = await modelsUnder({ name: 'WithoutExtremes', share: 0.25 }, 1);
    const lengths = updatesOf(0).map((values, i) => ({ i, length: Math.hypot(...values) }));
    const kept = lengths.sort((a, b) => a.length - b.length).slice(2, 6);
    const mean = Array.from({ length: DIMENSION }, (_, j) =>
      kept.reduce((sum, { i }) => sum + updatesOf(0)[i]![j]! / SCALE / kept.length, 0),
    );
    expect(near(model!, mean)).toBeLessThan(1e-6);
  });

  it('[STR1] the manifest says which, in one text', async () => {
    const manifest = await starling.researcher.createUseCase({ strategy: { name: 'FedProx', mu: 0.01 } });
    expect(manifest.strategy).toBe('{"name":"FedProx","mu":0.01}');
  });

  it('[STR1] one that is not there, or cannot work, is refused at once and says what there is', async () => {
    const { researcher } = starling;
    const initialModel = await researcher.upload(researcher.initialModel(LAYOUT));
    const draft = { id: 'refused', title: 'A test', layout: LAYOUT, initialModel };
    for (const [strategy, words] of [
      [{ name: 'FedNothing' }, 'There is no strategy FedNothing. There are FedAvg, '],
      [{ name: 'Krum', malicious: -1 }, '-1 malicious'],
      [{ name: 'FedAvg', momentum: 1 }, 'FedAvg has no option momentum.'],
    ] as const) {
      const answer = await researcher.call('/use-cases', { ...draft, strategy });
      expect(codeOf(answer)).toBe('bad_strategy');
      expect(answer.text).toContain(words);
    }
    expect(codeOf(await researcher.call('/use-cases', { ...draft, strategy: { name: 'FedAvg', deep: {} } }))).toBe(
      'malformed_message',
    );
  });

  it('[STR3] rounds that could end with fewer updates than their strategy takes are not started', async () => {
    const { researcher } = starling;
    const { useCase } = await researcher.createUseCase({ strategy: { name: 'Bulyan', malicious: 1 } });
    const answer = await researcher.call(`/use-cases/${useCase}/rounds`, { min: 6, target: 9, deadlineSeconds: 60 });
    expect(codeOf(answer)).toBe('bad_strategy');
    expect(answer.text).toContain('min must be at least 7');
  });
});
