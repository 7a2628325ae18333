import { describe, expect, it } from '@jest/globals';

import type { RoundView } from '#protocol';

import type { Misbehaved } from './fleet.js';
import { resultOf, type Outcome } from './result.js';
import { planOf, useCaseName } from './settings.js';
import { renderSummary } from './summary.js';

const round = (sequence: number, changes: Partial<RoundView> = {}): RoundView =>
  ({
    sequence,
    state: 'published',
    slot: sequence - 1,
    accepted: 47,
    accuracy: 0.9 + sequence / 100,
    loss: 0.3,
    reason: null,
    detail: null,
    refusals: { token_spent: 1, wrong_length: 1, invalid_token: 1 },
    ...changes,
  }) as RoundView;

const told = (slot: number, changes: Partial<Record<Misbehaved['kind'], string | null>> = {}): Misbehaved[] =>
  Object.entries({
    double_spend: 'token_spent',
    forged_token: 'invalid_token',
    wrong_shape: 'wrong_length',
    vanished: null,
    ...changes,
  }).map(([kind, code]) => ({ type: 'misbehaved', kind: kind as Misbehaved['kind'], slot, code }));

const outcome = (changes: Partial<Outcome> = {}): Outcome => ({
  useCase: 'digits-1',
  devices: 50,
  centralised: 0.955,
  tokensIssued: 800,
  seconds: 71.25,
  dashboard: 'http://127.0.0.1:4000/ui/',
  seed: 1,
  backend: 'wasm',
  goal: 0.9,
  rounds: [round(1), round(2)],
  misbehaved: [...told(0), ...told(1)],
  log: { leaves: 6, heads: 3, root: 'cd'.repeat(32), useCases: 1, rounds: 2, results: 2, models: 3, problems: [] },
  model: {
    digest: 'ab'.repeat(32),
    safetensors: '/home/ada/data/model.safetensors',
    layers: '/home/ada/data/model.json',
  },
  ...changes,
});

describe('the demo', () => {
  it('[CMD10] counts what happened', () => {
    const result = resultOf(outcome());
    expect(result).toMatchObject({ accuracy: 0.92, rounds: 2, tokensIssued: 800, tokensRedeemed: 94, problems: [] });
    expect(result.refusals).toEqual({ token_spent: 2, wrong_length: 2, invalid_token: 2 });
    expect(result.doubleSpends).toEqual({ tried: 2, refused: 2 });
    expect(result.vanished).toEqual({ tried: 2, survived: 2 });
  });

  // Mutant: counting rounds instead of answers. A cheat that never reached intake was not refused.
  it('[CMD10] does not count what never reached intake', () => {
    const misbehaved = [...told(0, { double_spend: 'connection_lost', vanished: 'connection_lost' }), ...told(1)];
    const result = resultOf(
      outcome({ misbehaved, rounds: [round(1), round(2, { state: 'abandoned', reason: 'failed' })] }),
    );
    expect(result.doubleSpends).toEqual({ tried: 1, refused: 1 });
    expect(result.vanished).toEqual({ tried: 1, survived: 0 });
  });

  it.each([
    {
      name: 'a cheat got through',
      changes: { misbehaved: told(0, { double_spend: 'accepted' }) },
      problem: /double spend was accepted/,
    },
    { name: 'the goal was missed', changes: { goal: 0.95 }, problem: /92\.0 %, less than the 95\.0 %/ },
    { name: 'nothing was measured', changes: { rounds: [round(1, { accuracy: null })] }, problem: /not evaluated/ },
    {
      name: 'the log does not hold',
      changes: { log: { ...outcome().log, problems: [{ position: 4, what: 'a round that ended twice' }] } },
      problem: /Leaf 4 of the log is a round that ended twice/,
    },
    {
      name: 'a result is not in the log',
      changes: { log: { ...outcome().log, results: 1 } },
      problem: /1 results for 2 rounds/,
    },
    {
      name: 'a round was abandoned',
      changes: { rounds: [round(1), round(2, { state: 'abandoned', reason: 'too_few', detail: 'Only 3.' })] },
      problem: /Round 2 was abandoned \(too_few\): Only 3\./,
    },
  ])('[CMD11] has failed when $name', ({ changes, problem }) => {
    expect(resultOf(outcome(changes)).problems).toEqual([expect.stringMatching(problem)]);
  });

  it('[CMD10] says it in a few lines', () => {
    const text = renderSummary(resultOf(outcome()), '/home/ada');
    expect(text).toContain('92.0 % accuracy after 2 rounds, 71.3 s in all (seed 1, wasm)');
    expect(text).toContain('double spends  2 tried, 2 refused');
    expect(text).toContain('95.5 % with the same training on all examples in one place');
    expect(text).toContain('data/model.safetensors');
    expect(text).toContain('Not protected at these settings');
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  it.each([
    [50, 10, { target: 47, kMin: 40, slots: 64 }],
    [8, 2, { target: 5, kMin: 5, slots: 64 }],
    [6, 100, { target: 3, kMin: 3, slots: 100 }],
    [20, 1, { target: 17, kMin: 16, slots: 64 }],
  ])('[CMD9] with %d devices and %d rounds asks for what the honest ones can give', (devices, rounds, plan) => {
    expect(planOf(devices, rounds)).toEqual({ ...plan, rounds });
  });

  it('[CMD9] names its use case after the time, and a second one of that second apart', () => {
    const now = new Date('2026-03-04T05:06:07Z');
    expect([useCaseName(now, 1), useCaseName(now, 2)]).toEqual(['digits-20260304-050607', 'digits-20260304-050607-2']);
  });
});
