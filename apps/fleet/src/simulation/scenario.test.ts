import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from '@jest/globals';

import { nameOf, readScenario } from './scenario.js';

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
    expect(runs.map(nameOf)).toEqual(['none, small', 'none, as', 'some, small', 'some, as']);
    expect(runs.map(({ settings }) => [settings.attackers?.kind, settings.clip])).toEqual([
      [undefined, 1],
      [undefined, 4],
      ['scaled', 1],
      ['scaled', 4],
    ]);
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
      'the noise of a tree',
      { privacy: { noiseMultiplier: 9, epsilonMax: 8, mechanism: 'tree', separation: 1, epochs: 1 } },
      'a tree is not simulated',
    ],
    ['a grid too fine', { clip: 4096, scale: 2 ** 16 }, 'scale'],
    ['too many runs', { runs: { ...axis('a'), ...axis('b') } }, '10000 runs'],
  ])('[SCN4] refuses %s', (_, more, words) => {
    expect(refusal({ ...BASE, ...more })).toContain(words);
  });

  it('[SCN3] those that come with Starling are scenarios', () => {
    const folder = fileURLToPath(new URL('../../../../../examples/scenarios/', import.meta.url));
    const files = readdirSync(folder);
    expect(files.length).toBeGreaterThan(1);
    for (const file of files) expect(() => readScenario(JSON.parse(readFileSync(folder + file, 'utf8')))).not.toThrow();
  });
});
