import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { io } from 'socket.io-client';

import { ROUNDS_PER_PAGE, type CurvesView, type MetricsView, type RoundsPage, type RoundView } from '#protocol';

import { codeOf } from '../fixtures/http.js';
import { eventually } from '../fixtures/patience.js';
import { startStarling, type TestStarling } from '../fixtures/starling.js';

let starling: TestStarling;
let useCase: string;
beforeAll(async () => {
  starling = await startStarling({ without: ['worker', 'intake'] });
  ({ useCase } = await starling.researcher.createUseCase());
  await starling.researcher.startRounds(useCase, { count: 250 });
}, 120_000);
afterAll(() => starling.stop());

const page = async (query = ''): Promise<RoundsPage> =>
  (await starling.researcher.call(`/use-cases/${useCase}/rounds${query}`)).json as RoundsPage;
const span = ({ rounds }: RoundsPage): (number | undefined)[] => [
  rounds[0]?.sequence,
  rounds.at(-1)?.sequence,
  rounds.length,
];

describe('rounds in pages', () => {
  // Kills: an answer that grows with the rounds; a page that leaves one out between it and the next.
  it('[DSH9] come about the present, after or before a sequence, at most a hundred and without gaps', async () => {
    const { admin } = starling.database;
    const early = await page();
    expect(early.last).toBe(250);
    expect(span(early)).toEqual([1, 20, 20]);
    await admin.query(
      "update rounds.round set state = 'abandoned', reason = 'aborted' where use_case = $1 and sequence <= 180",
      [useCase],
    );
    expect(span(await page())).toEqual([101, 200, ROUNDS_PER_PAGE]);
    expect(span(await page('?after=200'))).toEqual([201, 250, 50]);
    expect(span(await page('?after=40'))).toEqual([41, 140, 100]);
    expect(span(await page('?before=101'))).toEqual([1, 100, 100]);
    expect(span(await page('?before=1'))).toEqual([undefined, undefined, 0]);
    const { rounds } = await page('?before=60');
    expect(rounds.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 59 }, (_, i) => i + 1));
    const whole = (await starling.researcher.call(`/rounds?useCase=${useCase}`)).json as RoundView[];
    expect(rounds[7]).toEqual(whole[7]);
  });

  it('[DSH9] of no use case, with another parameter or with no number are refused', async () => {
    const ask = async (path: string) => codeOf(await starling.researcher.call(path));
    expect(await ask('/use-cases/nobody/rounds')).toBe('unknown_use_case');
    expect(await ask(`/use-cases/${useCase}/rounds?after=x`)).toBe('malformed_message');
    expect(await ask(`/use-cases/${useCase}/rounds?limit=9`)).toBe('malformed_message');
    expect(await ask(`/use-cases/${useCase}/metrics?after=-1`)).toBe('malformed_message');
  });

  it('[DSH9] metrics are those behind a sequence, and curves their figures in less than half of the bytes', async () => {
    const { admin } = starling.database;
    await admin.query(
      'update rounds.round set opened_at = now(), frozen_at = now(), issued = 1 where use_case = $1 and sequence < 9',
      [useCase],
    );
    const { rounds } = (await starling.researcher.call(`/use-cases/${useCase}/metrics?after=5`)).json as MetricsView;
    expect(rounds.map(({ round }) => round)).toEqual([6, 7, 8]);
    const curves = (await starling.researcher.call(`/use-cases/${useCase}/curves`)).json as CurvesView;
    expect(curves.rounds.map(({ round }) => round)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(rounds[0]).toMatchObject(curves.rounds[5]!);
    expect(JSON.stringify(curves.rounds[5]).length).toBeLessThan(JSON.stringify(rounds[0]).length / 2);
  });
});

describe('news of an open round', () => {
  // Kills: telling the same counts twice a second to everybody who listens.
  it('[DSH9] are told once, and again when a count differs', async () => {
    const { admin } = starling.database;
    const socket = io(`${starling.coordinator}/events`, { transports: ['websocket'] });
    const told: RoundView[] = [];
    socket.on('round:progress', (round: RoundView) => void (round.state === 'open' && told.push(round)));
    await new Promise<void>((resolve) => socket.on('connect', resolve));
    const { id } = (await page('?after=249')).rounds[0]!;
    const opened = `update rounds.round
                       set state = 'open', opened_at = now(), closes_at = now() + interval '1 hour',
                           record = '\\x00', issued = 5, epoch = 0, slot = 900
                     where id = $1`;
    await admin.query(opened, [id]);
    await eventually('the round is told of', () => told.length > 0, { withinMs: 20_000 });
    await sleep(3000);
    expect(told).toHaveLength(1);
    await admin.query("insert into intake.tally values ($1, 'invalid_token', 3)", [id]);
    await eventually('the refusals are told of', () => told.length > 1, { withinMs: 20_000 });
    expect(told[1]!.refusals).toEqual({ invalid_token: 3 });
    await sleep(3000);
    expect(told).toHaveLength(2);
    socket.disconnect();
  });
});
