import { describe, expect, it } from '@jest/globals';

import type { RoundView } from '#protocol';

import { bar, renderRow, renderTitles } from './progress.js';
import { isSettled, RoundBoard } from './round-board.js';
import { Screen } from './screen.js';
import { describeStarted } from './started.js';
import { renderFacts, renderTable } from './table.js';

const plain = { colour: false };
const NOW = Date.parse('2026-01-01T00:00:20Z');

const round = (changes: Partial<RoundView> = {}): RoundView => ({
  id: '00000000-0000-4000-8000-000000000001',
  useCase: 'digits',
  sequence: 1,
  state: 'published',
  reason: null,
  detail: null,
  epoch: 0,
  slot: 0,
  min: 40,
  target: 47,
  deadlineSeconds: 300,
  issued: 50,
  submitted: 48,
  accepted: 47,
  refusals: { token_spent: 1, invalid_token: 2 },
  modelIn: null,
  baseVersion: null,
  modelOut: null,
  acceptedRoot: null,
  epsilon: null,
  clip: null,
  unclipped: null,
  noise: null,
  separation: null,
  accuracy: 0.771,
  loss: 1,
  evaluates: null,
  onDevices: null,
  openedAt: '2026-01-01T00:00:00.000Z',
  closesAt: null,
  frozenAt: null,
  publishedAt: '2026-01-01T00:00:08.250Z',
  waitsFor: null,
  waitsUntil: null,
  retryOf: null,
  plan: null,
  ...changes,
});

describe('rounds that were started', () => {
  const next = { state: 'scheduled', epoch: null, slot: null, openedAt: null, publishedAt: null } as const;

  // Kills: a list of ids.
  it('[CMD43] are named by use case and number, with what they wait for and how to follow them', () => {
    const rounds = [5, 6, 7].map((sequence) =>
      round({ ...next, id: `id-${sequence}`, sequence, waitsFor: 'It waits for the rounds before it.' }),
    );
    const text = describeStarted(rounds, ['Noise drowns it.']);
    expect(text.split('\n')).toEqual([
      'Noise drowns it.',
      'started      rounds 5 to 7 of digits',
      'epoch, slot  taken when it is its turn',
      'now          It waits for the rounds before it.',
      'watch        npx starling round watch digits',
    ]);
    expect(text).not.toContain('id-');
  });

  it('[CMD43] say their place where they have one, and which model they measure', () => {
    expect(describeStarted([round({ ...next, sequence: 9, epoch: 12, slot: 3, evaluates: 4 })], [])).toMatch(
      /^started +round 9 of digits\nmeasures +digits@4 on devices\nepoch, slot +12, 3\nwatch /,
    );
  });
});

describe('a round that measures', () => {
  // Kills: a board that waits for the server's figures, or shows them for the devices'.
  it('[EVL12] shows the accuracy on devices, of which version, and is settled when it is published', () => {
    const onDevices = { accuracy: 0.25, loss: 2, devices: 7 };
    const measured = round({ evaluates: 3, onDevices, accuracy: null, publishedAt: new Date(NOW).toISOString() });
    expect(isSettled(measured, NOW)).toBe(true);
    expect(renderRow(measured, NOW, plain)).toMatch(/ 25\.0 % .* version 3 on devices$/);
    expect(renderRow({ ...measured, accuracy: 0.771 }, NOW, plain)).not.toContain('77.1');
  });
});

describe('what people see', () => {
  it('[CMD6] a table is as wide as its cells, numbers to the right', () => {
    interface Row {
      name: string;
      n: number;
    }
    const columns = [
      { title: 'NAME', value: ({ name }: Row) => name },
      { title: 'N', value: ({ n }: Row) => n, right: true },
    ];
    expect(
      renderTable(columns, [
        { name: 'a', n: 5 },
        { name: 'longer', n: 12 },
      ]),
    ).toBe(['NAME     N', 'a        5', 'longer  12'].join('\n'));
    expect(renderTable(columns, [])).toBe('NAME  N');
    expect(
      renderFacts([
        ['a', 1],
        ['bcd', 'x'],
      ]),
    ).toBe('a    1\nbcd  x');
  });

  it('[CMD7] a bar moves in eighths of a cell and stays within its ten', () => {
    expect([0, 0.0125, 0.5, 0.9, 1, 2, -1].map(bar)).toEqual([
      '',
      '▏',
      '█████',
      '█████████',
      '██████████',
      '██████████',
      '',
    ]);
  });

  it.each([
    {
      name: 'published',
      changes: {},
      row: '    1      50         48        47        3    77.1 %  ███████▊          8.3',
    },
    {
      name: 'open',
      changes: { state: 'open', publishedAt: null, accuracy: null, refusals: {}, accepted: 9, submitted: 11 },
      row: '    1      50         11         9        0         –                   20.0  open',
    },
    {
      name: 'abandoned',
      changes: { state: 'abandoned', reason: 'too_few', publishedAt: null, accuracy: null },
      row: '    1      50         48        47        3         –                      –  too_few',
    },
  ] as const)('[CMD7] a round that is $name is one row below the titles', ({ changes, row }) => {
    expect(renderRow(round(changes as Partial<RoundView>), NOW, plain)).toBe(row);
  });

  it('[CMD7] a row is settled with its figures, or when none come', () => {
    expect(isSettled(round(), NOW)).toBe(true);
    expect(isSettled(round({ accuracy: null }), NOW)).toBe(false);
    expect(isSettled(round({ accuracy: null }), NOW + 60_000)).toBe(true);
    expect(isSettled(round({ state: 'frozen', accuracy: null, publishedAt: null }), NOW)).toBe(false);
    expect(isSettled(round({ state: 'abandoned' }), NOW)).toBe(true);
  });

  it('[CMD7] without a terminal each settled round is printed once, in order, and nothing moves', () => {
    let out = '';
    const board = new RoundBoard(new Screen({ write: (text) => (out += text) !== '' }));
    const second = round({ sequence: 2, state: 'open', accuracy: null, publishedAt: null });
    board.update([round(), second], NOW);
    board.update([round(), second], NOW);
    board.update([round(), round({ sequence: 2 })], NOW);
    const lines = out.trimEnd().split('\n');
    expect(lines).toEqual([
      renderTitles(plain),
      renderRow(round(), NOW, plain),
      renderRow(round({ sequence: 2 }), NOW, plain),
    ]);
  });

  // Kills: a row for each of the hundreds of rounds that a plan turned out not to need.
  it('[CMD7] rounds that a plan had no need for share a sentence', () => {
    let out = '';
    const board = new RoundBoard(new Screen({ write: (text) => (out += text) !== '' }));
    const unneeded = { state: 'abandoned', reason: 'plan_done', detail: 'The plan is done.' } as const;
    board.update(
      [round(), ...[2, 3, 4].map((sequence) => round({ sequence, ...unneeded })), round({ sequence: 5 })],
      NOW,
    );
    expect(out.trimEnd().split('\n').slice(1)).toEqual([
      renderRow(round(), NOW, plain),
      'The plan is done.',
      renderRow(round({ sequence: 5 }), NOW, plain),
    ]);
  });
});
