import { describe, expect, it } from '@jest/globals';

import type { RoundMetrics } from '#protocol';

import { renderCsv, scalarsOf } from './export-metrics.js';

const round = (changes: Partial<RoundMetrics> = {}): RoundMetrics => ({
  round: 1,
  roundId: 'id',
  state: 'published',
  reason: null,
  version: 1,
  parent: 0,
  evaluates: null,
  onDevices: null,
  accuracy: 0.5,
  loss: 1.25,
  epsilon: null,
  clip: null,
  unclipped: null,
  issued: 9,
  submitted: 8,
  cohort: 7,
  refusals: { token_spent: 1 },
  updateNorms: { p10: 0.1, p25: 0.2, p50: 0.3, p75: 0.4, p90: 0.5 },
  seconds: { waiting: 1, open: 2, fold: 3, publish: 4, evaluate: null },
  endedAt: '2026-01-01T00:00:00.000Z',
  ...changes,
});

describe('exported metrics', () => {
  it('[MET2] name every number that is known, and no other', () => {
    expect(scalarsOf(round())).toEqual({
      ...{ accuracy: 0.5, loss: 1.25, issued: 9, submitted: 8, cohort: 7, 'refused/token_spent': 1 },
      ...{ 'update_norm/p10': 0.1, 'update_norm/p25': 0.2, 'update_norm/p50': 0.3, 'update_norm/p75': 0.4 },
      ...{ 'update_norm/p90': 0.5, 'seconds/waiting': 1, 'seconds/open': 2, 'seconds/fold': 3, 'seconds/publish': 4 },
    });
  });

  it('[EVL4] have what devices found beside what the server did', () => {
    const onDevices = { accuracy: 0.25, loss: 2, devices: 7 };
    const measured = round({ version: null, evaluates: 1, onDevices, updateNorms: null });
    expect(scalarsOf(measured)).toMatchObject({ accuracy: 0.5, 'on_devices/accuracy': 0.25, 'on_devices/loss': 2 });
    const csv = renderCsv({ useCase: 'a', initial: { accuracy: null, loss: null }, rounds: [measured] });
    expect(csv).toMatch(/^round,.*,version,parent,evaluates,.*,on_devices_accuracy,.*\n1,id,published,,,0,1,/);
  });

  // Kills: columns of the first round only; a cell in another column where a number is not known.
  it('[MET2] are a line a round, with a column for what any of them has', () => {
    const failed = { state: 'abandoned', reason: 'too_few', version: null, accuracy: null, loss: null } as const;
    const rounds = [
      round({ updateNorms: null }),
      round({ ...failed, round: 2, updateNorms: null, refusals: { too_slow: 3 } }),
    ];
    const [titles, ...lines] = renderCsv({ useCase: 'a', initial: { accuracy: null, loss: null }, rounds })
      .trimEnd()
      .split('\n')
      .map((line) => line.split(','));
    const cells = lines.map((line) => Object.fromEntries(titles!.map((title, i) => [title, line[i]])));
    expect(cells[0]).toMatchObject({
      round: '1',
      state: 'published',
      accuracy: '0.5',
      refused_token_spent: '1',
      refused_too_slow: '',
    });
    expect(cells[1]).toMatchObject({
      round: '2',
      reason: 'too_few',
      version: '',
      accuracy: '',
      refused_token_spent: '',
      refused_too_slow: '3',
    });
  });
});
