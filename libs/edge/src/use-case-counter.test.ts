import { describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';

import { UseCaseCounter } from './use-case-counter.js';

describe('a counter by use case', () => {
  // Kills: a label for whatever comes; a count that is lost with its label; a label that comes back.
  it('[OBS2] gives the newest a label each and counts all others together', async () => {
    const metrics = new Registry();
    const counter = new UseCaseCounter({ name: 'things_total', help: 'Things' }, metrics, 2);
    counter.add('a', 5);
    counter.add('b');
    expect(counter.series()).toEqual([
      ['a', 5],
      ['b', 1],
    ]);
    counter.add('c');
    counter.add('a');
    counter.add('b', 2);
    expect(counter.series()).toEqual([
      ['b', 3],
      ['c', 1],
      ['other', 6],
    ]);
    const samples = (await metrics.metrics()).split('\n').filter((line) => line.startsWith('things_total'));
    expect(samples).toEqual([
      'things_total{use_case="b"} 3',
      'things_total{use_case="c"} 1',
      'things_total{use_case="other"} 6',
    ]);
  });
});
