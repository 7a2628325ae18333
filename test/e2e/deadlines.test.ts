import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { RoundView } from '#protocol';

import { enrolCohort } from '../fixtures/cohort.js';
import { startStarling, type TestStarling } from '../fixtures/starling.js';

let starling: TestStarling;
beforeAll(async () => {
  starling = await startStarling({ coordinator: { PATIENCE_MS: '0' }, without: ['worker', 'intake'] });
});
afterAll(() => starling.stop());

const IN_VAIN = { state: 'abandoned', reason: 'failed', waitsFor: null, waitsUntil: null };

async function roundThat(id: string, holds: (round: RoundView) => boolean): Promise<RoundView> {
  for (;;) {
    const round = await starling.researcher.round(id);
    if (holds(round)) return round;
    await sleep(25);
  }
}

/** A use case with a device that has a token for its first slot. */
async function useCaseWithTokens(): Promise<string> {
  const manifest = await starling.researcher.createUseCase();
  await enrolCohort(starling, manifest, 1);
  return manifest.useCase;
}

describe('a round that waits', () => {
  // Kills: no deadline for a round that is not open, or one that runs while others have their turn.
  it('[RND10] for tokens that never come is abandoned, and the one after it has its turn', async () => {
    const { useCase } = await starling.researcher.createUseCase();
    const [first, second] = await starling.researcher.startRounds(useCase, { count: 2, waitSeconds: 2 });
    const waiting = await roundThat(first!, ({ waitsUntil, detail }) => waitsUntil !== null && detail !== null);
    expect(waiting).toMatchObject({
      state: 'scheduled',
      waitsFor: 'It waits for tokens: 0 of at least 1 devices have one for its slot.',
    });
    expect(await starling.researcher.round(second!)).toMatchObject({
      waitsFor: 'It waits for the rounds before it.',
      waitsUntil: null,
    });
    expect(await roundThat(first!, ({ state }) => state !== 'scheduled')).toMatchObject({
      ...IN_VAIN,
      detail: 'It could not open within 2 s. It waits for tokens: 0 of at least 1 devices have one for its slot.',
    });
    const next = await roundThat(second!, ({ waitsUntil }) => waitsUntil !== null);
    expect(Date.parse(next.waitsUntil!)).toBeGreaterThan(Date.parse(waiting.waitsUntil!));
  });

  // Kills: a deadline that only the worker keeps.
  it('[RND10] for a worker that never closes it, or never sums it up, is abandoned', async () => {
    const useCase = await useCaseWithTokens();
    const [open] = await starling.researcher.startRounds(useCase, { deadlineSeconds: 1, finishSeconds: 1 });
    expect(await roundThat(open!, ({ state }) => state === 'open')).toMatchObject({
      waitsFor: expect.stringMatching(/^It waits for updates, and needs at least 1|^Its time is up/),
      waitsUntil: expect.any(String),
    });
    await roundThat(open!, ({ waitsFor }) => waitsFor !== null && waitsFor.startsWith('Its time is up'));
    expect(await roundThat(open!, ({ state }) => state !== 'open')).toMatchObject({
      ...IN_VAIN,
      detail: 'Nobody closed it within 1 s after its deadline: look whether the worker runs.',
    });

    const [frozen] = await starling.researcher.startRounds(await useCaseWithTokens(), { finishSeconds: 1 });
    await roundThat(frozen!, ({ state }) => state === 'open');
    await starling.database.admin.query(
      "update rounds.round set state = 'frozen', frozen_at = now(), accepted = 3, shards = 1 where id = $1",
      [frozen],
    );
    expect(await roundThat(frozen!, ({ state }) => state === 'abandoned')).toMatchObject({
      ...IN_VAIN,
      detail: 'It was not summed up within 1 s: look whether the worker runs.',
    });
  });

  it('[RND10] at the worker, for its sum or for its figures, says so and until when', async () => {
    const useCase = await useCaseWithTokens();
    const [id] = await starling.researcher.startRounds(useCase);
    await roundThat(id!, ({ state }) => state === 'open');
    const { admin } = starling.database;
    await admin.query(
      "update rounds.round set state = 'frozen', frozen_at = now(), accepted = 3, shards = 1 where id = $1",
      [id],
    );
    expect(await starling.researcher.round(id!)).toMatchObject({
      waitsFor: 'It waits for the worker to sum 3 updates up.',
      waitsUntil: expect.any(String),
    });
    await admin.query(
      `with published as (
         update rounds.round set state = 'published', model_out = model_in, published_at = now() where id = $1 returning *)
       insert into rounds.model (use_case, version, digest, round_id, parameters)
       select use_case, 1, model_out, id, 64 from published`,
      [id],
    );
    expect(await starling.researcher.round(id!)).toMatchObject({ waitsFor: null, waitsUntil: null });
    await admin.query(
      `update keys.use_case set draft = draft || '{"topology": "", "evaluationSet": ""}' where id = $1`,
      [useCase],
    );
    expect(await starling.researcher.round(id!)).toMatchObject({
      waitsFor: 'It is published. Its model waits for the worker to measure it.',
      waitsUntil: expect.any(String),
    });
  });

  // Kills: a retry that may be repeated, and so starts two rounds for one lost answer.
  it('[RND12] is started again once, after it was abandoned, with its own plan', async () => {
    const { useCase } = await starling.researcher.createUseCase();
    const plan = { min: 2, target: 3, deadlineSeconds: 77, waitSeconds: 3000, finishSeconds: 66 };
    const [id] = await starling.researcher.startRounds(useCase, plan);
    const retry = () => starling.researcher.call(`/rounds/${id}/retry`, {});
    expect((await retry()).json).toMatchObject({ code: 'wrong_state', message: expect.stringContaining('scheduled') });
    await starling.researcher.abort(id!);
    const [first, second] = await Promise.all([retry(), retry()]);
    const started = first.status === 201 ? first : second;
    expect([first.status, second.status].sort()).toEqual([201, 409]);
    expect(started.json).toMatchObject({ min: 2, target: 3, deadlineSeconds: 77, sequence: 2, retryOf: id });
    const { rows } = await starling.database.admin.query(
      'select wait_ms::int as wait, finish_ms::int as finish from rounds.round where retry_of = $1',
      [id],
    );
    expect(rows).toEqual([{ wait: 3_000_000, finish: 66_000 }]);
  });
});
