import { expect, it } from '@jest/globals';

import { chooseBackend } from '#tensorflow';

import { TrainingPool, type TrainingTask } from '../training/index.js';
import { readScenario } from './scenario.js';
import { simulateScenario } from './simulate-scenario.js';

const scenario = (more: object) =>
  readScenario({
    title: 'Strikes',
    task: 'bird-strikes',
    devices: 6,
    rounds: 4,
    training: { localEpochs: 2, batchSize: 20, learningRate: 0.1 },
    ...more,
  });

// Kills: a baseline on a part of the examples; one of fewer passes than the devices make; one a run.
it('[SCN22] beside the federated accuracy stands that of the same training on all examples in one place, made once', async () => {
  await chooseBackend();
  const pool = new TrainingPool();
  const asked: TrainingTask[] = [];
  const counting = { train: (task: TrainingTask) => (asked.push(task), pool.train(task)) };
  try {
    const plan = scenario({ runs: { partition: { iid: {}, natural: { partition: { kind: 'natural' } } } } });
    const { runs } = await simulateScenario(plan, { pool: counting, cacheDirectory: '.cache' });
    const central = asked.filter(({ examples }) => examples.labels.length === 1804);
    expect(central.map(({ settings }) => settings.localEpochs)).toEqual([8]);
    const [iid, natural] = runs;
    expect(iid!.centralised).toBe(natural!.centralised);
    expect(iid!.centralised).toBeGreaterThan(0.6);
    expect(iid!.accuracy).toBeGreaterThan(0.52);

    const alone = await simulateScenario(scenario({ centralised: false, rounds: 1 }), {
      pool,
      cacheDirectory: '.cache',
    });
    expect(alone.runs[0]!.centralised).toBeNull();
  } finally {
    await pool.close();
  }
}, 120_000);

it('[SCN22] what is made for the digits is refused for other tasks, and groups that are not there', () => {
  const attackers = { kind: 'backdoor', share: 0.1 };
  expect(() => scenario({ attackers })).toThrow(/backdoor is made for the digits/);
  expect(() => scenario({ task: 'digits-mlp', partition: { kind: 'natural' } })).toThrow(/no natural partition/);
});
