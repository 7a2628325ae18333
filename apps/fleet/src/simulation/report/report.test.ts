import { describe, expect, it } from '@jest/globals';

import type { RoundMetrics, RunResult } from '../metrics.js';
import { readScenario } from '../scenario.js';
import { overSeeds } from '../side-by-side.js';
import type { ScenarioResult } from '../simulate-scenario.js';
import { toCsv } from './csv.js';
import { toHtml } from './html.js';
import { ticks } from './plot.js';

const round: RoundMetrics = {
  ...{ round: 1, accuracy: 0.5, loss: 1.5, attackSuccess: 0.25, epsilon: null, asked: 10, accepted: 8 },
  ...{
    refused: { out_of_range: 2 },
    vanished: 0,
    late: 0,
    clipped: 1,
    clip: 4,
    unclipped: null,
    norm: 0.7,
    duration: 1,
  },
  ...{ seconds: 2.5, elapsed: 7, abandoned: 'a, "b"' },
};
const { axes, runs, title } = readScenario({
  ...{ title: '<b>Odd</b> & "quoted"', task: 'digits-softmax', devices: 10, rounds: 2 },
  runs: { attack: { 'none, at all': {}, '<i>': {} }, rule: { mean: {}, median: { strategy: { name: 'FedMedian' } } } },
});
const results = runs.map(({ labels, settings }, i): RunResult => ({
  ...{ labels, settings, attackers: null, rounds: [round, { ...round, round: 2, loss: i === 1 ? NaN : 1 }] },
  ...{ accuracy: 0.5 + i / 10, loss: 1, attackSuccess: 0.25, epsilon: null, accepted: 16, refused: 4 },
  ...{ centralised: null, goalReached: null, goalSeconds: null, goalRatio: null, staleness: null },
  ...{ ended: null, seconds: 1 },
}));
const result: ScenarioResult = { title, axes, runs: results, means: overSeeds(results) };

describe('the report', () => {
  const html = toHtml(result);

  // Kills: a script, a font or a style sheet from somewhere; a label that becomes markup.
  it('[SCN12] is one page that asks for nothing else and takes names for text', () => {
    expect(html).not.toMatch(/<script|<link|<img|src=|href=|url\(|@import|https?:/);
    expect(html).toContain("default-src 'none'");
    expect(html).not.toMatch(/<b>|<i>(?!<\/i>)/);
    expect(html).toContain('&#60;b&#62;Odd&#60;/b&#62; &#38; &#34;quoted&#34;');
  });

  it('[SCN12] has light and dark colours, and a plot for each value of the first axis with a line for each of the last', () => {
    expect(html).toContain('prefers-color-scheme: dark');
    expect(html).toContain('width=device-width');
    expect(html.match(/<svg/g)).toHaveLength(4 * 2);
    expect(html.match(/<path class="series/g)).toHaveLength(4 * 4);
    expect(html.match(/class="series[^"]*" d="([^"]*)"/g)!.join()).not.toContain('NaN');
    for (const accuracy of ['50.0 %', '60.0 %', '70.0 %', '80.0 %']) expect(html).toContain(accuracy);
  });

  it('[SCN34] of more seeds there is one line, and the table says how far apart they are', () => {
    const twice = overSeeds([...results, ...results.map((run) => ({ ...run, accuracy: run.accuracy + 0.02 }))]);
    const page = toHtml({ ...result, means: twice });
    expect(page.match(/<path class="series/g)).toHaveLength(4 * 4);
    expect(page).toContain('<td class="best">61.0 %<br><small>60.0 % to 62.0 %</small>');
  });

  it('[SCN12] axes have round numbers that reach the top', () => {
    expect(ticks(1)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(ticks(2.3)).toEqual([0, 0.5, 1, 1.5, 2, 2.5]);
    expect(ticks(10)).toEqual([0, 2, 4, 6, 8, 10]);
  });

  // Kills: a quote that is not doubled; a comma that starts another cell.
  it('[SCN13] the CSV has a line a round, its labels first, and quotes what needs it', () => {
    const lines = toCsv(result).split('\r\n');
    expect(lines).toHaveLength(1 + 8 + 1);
    expect(lines[0]).toMatch(/^attack,rule,seed,round,accuracy,loss/);
    expect(lines[1]).toBe('"none, at all",mean,1,1,0.5,1.5,0.25,,10,8,2,0,0,1,4,,0.7,1,2.5,7,"a, ""b"""');
  });
});
