import { randomBytes } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { PlanGoal } from '#protocol';
import { RoundPlans, RoundSchedule } from '#storage/rounds';

import { createDatabase, type TestDatabase } from '../fixtures/database.js';

let database: TestDatabase;
let schedule: RoundSchedule;
let plans: RoundPlans;
beforeAll(async () => {
  database = await createDatabase();
  schedule = new RoundSchedule(database.pool('coordinator'));
  plans = new RoundPlans(database.pool('coordinator', 4));
});
afterAll(() => database.drop());

const TIMES = { deadlineMs: 1000, jitterMs: 0, waitMs: 600_000, finishMs: 600_000 };

/** A use case whose newest model has this accuracy, and rounds of it with these terms. */
async function planned(initial: number | null, until: PlanGoal | undefined, count = 6): Promise<string[]> {
  const useCase = `plan-${randomBytes(4).toString('hex')}`;
  await database.admin.query(
    "insert into rounds.model (use_case, version, digest, parameters, accuracy, evaluated_at) values ($1, 0, '', 1, $2, now())",
    [useCase, initial],
  );
  return schedule.add({ useCase, count, min: 1, target: 1, ...TIMES, terms: { until } });
}

/** The round is over, and its model as accurate as this; null where it could not be measured. */
async function publish(id: string, accuracy: number | null): Promise<void> {
  await database.admin.query(
    `with done as (
       update rounds.round r set state = 'published', record = '', closes_at = now(), model_out = '',
              base_version = (select max(version) from rounds.model m where m.use_case = r.use_case)
        where id = $1 returning use_case, base_version)
     insert into rounds.model (use_case, version, digest, round_id, parameters, accuracy, evaluated_at)
     select use_case, base_version + 1, '', $1, 1, $2, now() from done`,
    [id, accuracy],
  );
}

const read = async (id: string): Promise<{ state: string; reason: string | null; detail: string | null }> =>
  (await database.admin.query('select state, reason, detail from rounds.round where id = $1', [id])).rows[0];

/** Publishes one model after the other until the plan is done. @returns how many, and the sentence */
async function runPlan(
  initial: number | null,
  until: PlanGoal | undefined,
  accuracies: readonly (number | null)[],
): Promise<[number, string | null]> {
  const ids = await planned(initial, until, accuracies.length + 1);
  for (let published = 0; ; published++) {
    const ended = await plans.end();
    const { detail, reason, state } = await read(ids[published]!);
    if (ended > 0) {
      expect({ ended, reason, state }).toEqual({
        ended: ids.length - published,
        reason: 'plan_done',
        state: 'abandoned',
      });
      return [published, detail];
    }
    if (published === accuracies.length) return [published, null];
    await publish(ids[published]!, accuracies[published]!);
  }
}

const REACHED = 'The plan is done: 80.0 % accuracy is reached.';
const HAD_IT = 'The plan is done: the model that it begins with has 80.0 % accuracy.';
const noGain = (rounds: string): string => `The plan is done: no gain in ${rounds}.`;
const TOO_LITTLE = 'The plan is done: no gain of 10.0 % in a round.';

describe('a plan', () => {
  // Kills: > for ≥; figures compared as floats (0.9 − 0.8 < 0.1); a patience that counts from the last best round; a base
  // that does not count; a model without figures that counts as one without gain.
  it.each<{
    that: string;
    from: number | null;
    until?: PlanGoal;
    measured: (number | null)[];
    ends: [number, string | null];
  }>([
    { that: 'has no goal', from: 0.1, measured: [0.9, 0.1, 0.1], ends: [3, null] },
    { that: 'reaches it', from: 0.1, until: { accuracy: 0.8 }, measured: [0.5, 0.8, 0.9], ends: [2, REACHED] },
    { that: 'just misses it', from: 0.1, until: { accuracy: 0.8 }, measured: [0.79999, 0.7], ends: [2, null] },
    { that: 'had it before', from: 0.8, until: { accuracy: 0.8 }, measured: [0.9], ends: [0, HAD_IT] },
    {
      that: 'goes nowhere',
      from: 0.5,
      until: { patience: 2 },
      measured: [0.5, 0.5, 0.9],
      ends: [2, noGain('2 rounds')],
    },
    {
      that: 'gains in time',
      from: 0.5,
      until: { patience: 2 },
      measured: [0.5, 0.51, 0.51, 0.52, 0.52],
      ends: [5, null],
    },
    {
      that: 'stops gaining',
      from: 0.1,
      until: { patience: 1 },
      measured: [0.5, 0.6, 0.6],
      ends: [3, noGain('a round')],
    },
    { that: 'gains enough', from: 0.8, until: { patience: 1, minGain: 0.1 }, measured: [0.9], ends: [1, null] },
    {
      that: 'gains too little',
      from: 0.8,
      until: { patience: 1, minGain: 0.1 },
      measured: [0.89],
      ends: [1, TOO_LITTLE],
    },
    {
      that: 'has no figures',
      from: null,
      until: { patience: 2 },
      measured: [null, null, 0.5, null, 0.6],
      ends: [5, null],
    },
    {
      that: 'falls back, then gains',
      from: 0.5,
      until: { patience: 3 },
      measured: [0.6, 0.4, 0.5, 0.61],
      ends: [4, null],
    },
    {
      that: 'never gets back',
      from: 0.5,
      until: { patience: 3 },
      measured: [0.6, 0.4, 0.5, 0.6],
      ends: [4, noGain('3 rounds')],
    },
  ])('[PLN1] that $that', async ({ from, until, measured, ends }) => {
    expect(await runPlan(from, until, measured)).toEqual(ends);
  });

  // Kills: ending rounds of others, of plans whose turn has not come, or rounds under way; an end that counts twice.
  it('[PLN1] ends its own waiting rounds only, once its turn has come, whoever asks and how often', async () => {
    const before = await planned(0.9, undefined, 1);
    const { rows } = await database.admin.query('select use_case as "useCase" from rounds.round where id = $1', [
      before[0],
    ]);
    const { useCase } = rows[0] as { useCase: string };
    const plan = { useCase, count: 3, min: 1, target: 1, ...TIMES };
    const ids = await schedule.add({ ...plan, terms: { until: { accuracy: 0.5 } } });
    const after = await schedule.add({ ...plan, count: 1 });
    expect(await plans.end()).toBe(0);
    await publish(before[0]!, 0.4);
    expect(await plans.end()).toBe(0);
    await publish(ids[0]!, 0.6);
    await database.admin.query("update rounds.round set state = 'open', record = '', closes_at = now() where id = $1", [
      ids[1],
    ]);
    const ended = await Promise.all([plans.end(), plans.end(), plans.end(), plans.end()]);
    expect(ended.reduce((sum, n) => sum + n, 0)).toBe(1);
    const states = await Promise.all([...ids, ...after].map(async (id) => (await read(id)).state));
    expect(states).toEqual(['published', 'open', 'abandoned', 'scheduled']);
  });
});
