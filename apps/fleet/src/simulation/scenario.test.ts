import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from '@jest/globals';

import { readScenario } from './scenario.js';

const BASE = { title: 'A test', task: 'digits-softmax', devices: 10, rounds: 3 };
const refusal = (file: unknown): string => {
  try {
    readScenario(file);
    return '';
  } catch (error) {
    return (error as Error).message;
  }
};

describe('a scenario file', () => {
  it('[SCN3] without axes is one run, and what is left out has a default', () => {
    const { runs } = readScenario(BASE);
    expect(runs).toHaveLength(1);
    expect(runs[0]!.settings).toMatchObject({
      seed: 1,
      partition: { kind: 'iid' },
      strategy: { name: 'FedAvg' },
      clip: 4,
    });
  });

  // Kills: axes zipped and not crossed; a value that leaks into the next run.
  it('[SCN3] makes a run of every combination of its axes', () => {
    const { axes, runs } = readScenario({
      ...BASE,
      runs: {
        attack: { none: {}, some: { attackers: { kind: 'scaled', share: 0.1 } } },
        clip: { small: { clip: 1 }, as: {} },
      },
    });
    expect(axes).toEqual({ attack: ['none', 'some'], clip: ['small', 'as'] });
    expect(runs.map(({ name }) => name)).toEqual(['none, small', 'none, as', 'some, small', 'some, as']);
    expect(runs.map(({ settings }) => [settings.attackers?.kind, settings.clip])).toEqual([
      [undefined, 1],
      [undefined, 4],
      ['scaled', 1],
      ['scaled', 4],
    ]);
  });

  // Kills: a run that is repeated with the seed that the file has beside them.
  it('[SCN34] makes every run once with each of its seeds', () => {
    const { axes, runs } = readScenario({
      ...BASE,
      seed: 9,
      seeds: [4, 5],
      runs: { clip: { small: { clip: 1 }, as: {} } },
    });
    expect(axes).toEqual({ clip: ['small', 'as'] });
    expect(runs.map(({ name, settings }) => [name, settings.clip, settings.seed])).toEqual([
      ['small, seed 4', 1, 4],
      ['small, seed 5', 1, 5],
      ['as, seed 4', 4, 4],
      ['as, seed 5', 4, 5],
    ]);
    expect(refusal({ ...BASE, seeds: [1.5] })).toContain('seeds');
  });

  it('[SCN3] names every bad field, and the run that it is in', () => {
    const words = refusal({ ...BASE, devices: 0, partition: { kind: 'even' }, color: 1 });
    for (const field of ['devices', 'partition.kind', 'color']) expect(words).toContain(field);
    expect(refusal({ title: 'x', task: 'no-such' })).toContain('task');
    expect(refusal({ ...BASE, runs: { rule: { odd: { roundz: 3 } } } })).toMatch(/In the run odd:[^]*roundz/);
    expect(refusal('text')).toContain('expected object');
  });

  const axis = (name: string) => ({ [name]: Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`${i}`, {}])) });
  it.each([
    ['more asked than there are', { cohort: 11 }, 'cohort'],
    ['tokens that do not last', { cohort: 10, quota: 2 }, 'quota'],
    ['writers that digits do not have', { partition: { kind: 'natural' } }, 'who wrote them'],
    ['a strategy that there is not', { strategy: { name: 'FedBest' } }, 'There is no strategy FedBest'],
    ['an option that it does not have', { strategy: { name: 'FedMedian', beta: 1 } }, 'no option beta'],
    ['what devices would have to do', { strategy: { name: 'QFedAvg', clientLearningRate: 0.1 } }, 'not simulated'],
    [
      'noise on a median',
      { strategy: { name: 'FedMedian' }, privacy: { noiseMultiplier: 1, epsilonMax: 8 } },
      'privacy',
    ],
    [
      'a clip that adapts where levels say the staleness',
      { strategy: { name: 'FedBuff' }, privacy: { noiseMultiplier: 1, epsilonMax: 8, clipping: 'adaptive' } },
      'exclude each other',
    ],
    [
      'bounds without the first clip',
      { clip: 4, privacy: { noiseMultiplier: 1, epsilonMax: 8, clipping: { minClip: 5 } } },
      'must lie between',
    ],
    [
      'the noise of a tree',
      { privacy: { noiseMultiplier: 9, epsilonMax: 8, mechanism: 'tree', separation: 1, epochs: 1 } },
      'a tree is not simulated',
    ],
    ['a grid too fine', { clip: 4096, scale: 2 ** 16 }, 'scale'],
    ['a buffer in memory', { strategy: { name: 'FedBuff' } }, 'takes the transport processes'],
    ['a target in memory', { target: 3 }, 'ends by its deadline alone'],
    ['an end without a goal', { untilGoal: true }, 'no goal to end with'],
    ['too many runs', { runs: { ...axis('a'), ...axis('b') } }, '10000 runs'],
  ])('[SCN4] refuses %s', (_, more, words) => {
    expect(refusal({ ...BASE, ...more })).toContain(words);
  });

  const attackers = (kind: string, more: object = {}) => ({ attackers: { kind, share: 0.2, ...more } });
  it.each([
    ['a crowd', { devices: 401 }, 'more than one machine takes: 400'],
    ['tokens for some rounds alone', { quota: 3 }, 'leave the quota out'],
    ['attackers who see what others send', attackers('little_is_enough'), 'cannot collude'],
    ['a target beyond who is asked', { cohort: 5, target: 6 }, '6 updates cannot come of 5'],
    ['buffers of no size', { strategy: { name: 'FedBuff' } }, 'size of its buffers'],
    ['a choice among whoever comes', { strategy: { name: 'FedBuff' }, target: 2, cohort: 5 }, 'everybody takes part'],
    ['rounds that nothing would end', { dropouts: 0.1 }, 'Of 10 devices asked 0 bring in an update for sure'],
    ['rounds that wait for the refused', { ...attackers('scaled', { clip: false }) }, 'asked 8 bring in'],
    ['stragglers of no time', { stragglers: { share: 0.1, factor: 4 } }, 'say how many ms'],
    ['a scale that no use case has', { scale: 0.5 }, 'scale'],
    ['a clip beyond a use case’s', { clip: 2e6, scale: 1 }, 'clip'],
    [
      'unclipped updates in few bits',
      { encoding: 'int8', scale: 20, target: 8, ...attackers('scaled', { clip: false }) },
      'int32',
    ],
  ])('[SCN30] refuses %s through processes, in a sentence', (_, more, words) => {
    expect(refusal({ ...BASE, transport: 'processes', ...more })).toContain(words);
  });

  it('[SCN30] takes through processes what real devices can do', () => {
    for (const more of [
      { ...attackers('scaled', { clip: false }), target: 8 },
      { dropouts: 0.1, deadline: 2, trainingMs: 1000 },
      { strategy: { name: 'FedBuff' }, target: 4, dropouts: 0.1 },
      { encoding: { topK: 500 }, scale: 1000 },
    ])
      expect(refusal({ ...BASE, transport: 'processes', ...more })).toBe('');
  });

  it('[SCN3] those that come with Starling are scenarios', () => {
    const folder = fileURLToPath(new URL('../../../../../examples/scenarios/', import.meta.url));
    const files = readdirSync(folder);
    expect(files.length).toBeGreaterThan(1);
    for (const file of files) expect(() => readScenario(JSON.parse(readFileSync(folder + file, 'utf8')))).not.toThrow();
  });
});
