import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { renderRound, renderRuns } from './progress.js';

const MAIN = fileURLToPath(new URL('../main.js', import.meta.url));
const SCENARIO = {
  ...{ title: 'Small', task: 'digits-softmax', devices: 6, rounds: 2, examples: 120, clip: 2 },
  runs: { rule: { mean: {}, median: { strategy: { name: 'FedMedian' } } } },
};

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'starling-simulate-'));
});
afterAll(() => rm(directory, { recursive: true }));

async function simulate(scenario: unknown, ...more: string[]): Promise<{ code: number; out: string; error: string }> {
  await writeFile(join(directory, 'scenario.json'), JSON.stringify(scenario));
  const args = [MAIN, 'simulate', 'scenario.json', ...more];
  const child = spawn(process.execPath, args, { cwd: directory, env: { PATH: process.env['PATH'] } });
  const [out, error] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { code: child.exitCode ?? -1, out, error };
}

describe('starling simulate', () => {
  it('[CMD18] prints one object with --json, and writes what it is asked to', async () => {
    const { code, out, error } = await simulate(
      SCENARIO,
      '--json',
      '--seeds',
      '1,2',
      '--report',
      'report.html',
      '--out',
      'metrics',
    );
    expect({ code, error }).toEqual({ code: 0, error: '' });
    const result = JSON.parse(out) as {
      runs: { labels: object; rounds: object[]; accuracy: number }[];
      means: { labels: object; accuracy: number; accuracies: number[] }[];
      files: string[];
    };
    expect(result.runs.map(({ labels, rounds }) => [labels, rounds.length])).toEqual([
      [{ rule: 'mean' }, 2],
      [{ rule: 'mean' }, 2],
      [{ rule: 'median' }, 2],
      [{ rule: 'median' }, 2],
    ]);
    const [a, b] = result.runs.map(({ accuracy }) => accuracy) as [number, number];
    expect(result.means).toHaveLength(2);
    expect(result.means[0]).toMatchObject({ labels: { rule: 'mean' }, accuracy: (a + b) / 2, accuracies: [a, b] });
    expect(result.files).toHaveLength(3);
    const metrics = JSON.parse(await readFile(join(directory, 'metrics/metrics.json'), 'utf8')) as typeof result;
    expect(metrics.runs).toEqual(result.runs);
    expect(await readFile(join(directory, 'report.html'), 'utf8')).toContain('<h1>Small</h1>');
    expect((await readFile(join(directory, 'metrics/metrics.csv'), 'utf8')).split('\r\n')).toHaveLength(1 + 8 + 1);
  }, 180_000);

  it('[CMD18] names what is wrong with a scenario and ends with 1, without a stack', async () => {
    const { code, out, error } = await simulate({ ...SCENARIO, devices: 'many', rounds: 0 });
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(error).toContain('devices');
    expect(error).toContain('rounds');
    expect(error).not.toMatch(/^\s+at .*\.js/m);
  }, 180_000);

  it('[CMD18] the table has means with their range, and how many times as long the goal took', () => {
    const mean = {
      ...{
        labels: { rounds: 'all' },
        rounds: [{ accepted: 9 }, { accepted: 8 }],
        accuracy: 0.9,
        accuracies: [0.88, 0.92],
      },
      ...{ centralised: null, attackSuccess: null, epsilon: null, refused: 0, goalReached: 1.5, goalSeconds: 20 },
      ...{ goalRatio: 2.5, staleness: [3, 1], ended: null, seconds: 30 },
    };
    expect(renderRuns(['rounds'], [mean]).split('\n')[1]).toBe(
      'all       90.0 %  88.0 % to 92.0 %       2     8.5        0            1.5      20.0 s           2.50             0.25     30.0',
    );
  });

  it('[CMD18] a round is a line, with what went wrong in it', () => {
    const told = {
      ...{ type: 'round' as const, run: 'mean', round: 3, rounds: 10, accuracy: 0.5, loss: 1, accepted: 7 },
      ...{ refused: { out_of_range: 2 }, epsilon: 1.234, attackSuccess: 0.2, abandoned: 'Too few.' },
      seconds: 3.21,
    };
    expect(renderRound(told, { colour: false })).toBe(
      'mean   3/10   50.0 %  █████       7 updates  2 refused  ε 1.23  backdoor 20.0 %  3.2 s  abandoned: Too few.',
    );
  });
});
