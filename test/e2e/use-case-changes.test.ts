import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { Issuances } from '#storage/identity';
import type { AuditPage, UseCaseDetail } from '#protocol';

import { commandsOf } from '../fixtures/admin-command.js';
import { moveDatabaseClock } from '../fixtures/database-clock.js';
import { ask, codeOf, type HttpAnswer } from '../fixtures/http.js';
import { startStarling, type TestStarling } from '../fixtures/starling.js';

const EPOCH_SECONDS = 3600;
const PRIVACY = { noiseMultiplier: 1, delta: 1e-5, epsilonMax: 20 };

let starling: TestStarling;
beforeAll(async () => void (starling = await startStarling({ without: ['intake', 'worker'] })), 120_000);
afterAll(() => starling.stop());

function change(useCase: string, body: unknown): Promise<HttpAnswer> {
  const headers = { authorization: `Bearer ${starling.researcher.apiKey}` };
  return ask(`${starling.coordinator}/v1/use-cases/${useCase}`, { method: 'PATCH', body, headers });
}
const view = async (useCase: string): Promise<UseCaseDetail> =>
  (await starling.researcher.call(`/use-cases/${useCase}`)).json as UseCaseDetail;
const start = (useCase: string, count: number, min: number) =>
  starling.researcher.call(`/use-cases/${useCase}/rounds`, { count, min, target: 100 });
const valueOf = async (sql: string, ...values: unknown[]): Promise<unknown> =>
  Object.values((await starling.database.admin.query<Record<string, unknown>>(sql, values)).rows[0]!)[0];

describe('a change of a live use case', () => {
  // Kills: a change at once, or never; one of another epoch's rounds; a field that nobody reads.
  it('[PRT11] is in force from the start of the next epoch on, and the manifest stays what it is', async () => {
    const { researcher, database } = starling;
    const { useCase } = await researcher.createUseCase({ epochSeconds: EPOCH_SECONDS, tokensPerSecond: 5, kMin: 2 });
    const manifest = (await researcher.call(`/use-cases/${useCase}/manifest`)).text;
    const fields = { title: 'Again', kMin: 3, tokensPerSecond: 7 };
    expect(await change(useCase, fields)).toMatchObject({ status: 200, json: { fromEpoch: 1, fields } });
    const rateOf = () => new Issuances(database.pool('issuer', 1)).rateOf(useCase);
    const before = { title: 'A test', kMin: 2, changes: [{ fromEpoch: 1, fields }] };
    expect(await view(useCase)).toMatchObject(before);
    expect([await rateOf(), (await start(useCase, 1, 2)).status]).toEqual([5, 201]);
    await moveDatabaseClock(database, EPOCH_SECONDS);
    expect(await view(useCase)).toMatchObject({ title: 'Again', kMin: 3, changes: before.changes });
    expect([await rateOf(), codeOf(await start(useCase, 1, 2))]).toEqual([7, 'malformed_message']);
    const kMinAt = (epoch: number) => valueOf("select keys.draft_at($1, $2) ->> 'kMin'", useCase, epoch);
    expect([await kMinAt(0), await kMinAt(1)]).toEqual(['2', '3']);
    expect((await researcher.call(`/use-cases/${useCase}/manifest`)).text).toBe(manifest);
    expect((await change(useCase, { tokensPerSecond: null })).json).toMatchObject({ fromEpoch: 2 });
    await moveDatabaseClock(database, EPOCH_SECONDS);
    expect(await rateOf()).toBeNull();
  });

  // Kills: a budget that only new rounds know of, or that goes up again.
  it('[PRT11] a budget only becomes smaller, for the rounds that start and for those that are published', async () => {
    const { researcher, database } = starling;
    const { useCase } = await researcher.createUseCase({ epochSeconds: EPOCH_SECONDS, privacy: PRIVACY });
    expect(codeOf(await change(useCase, { epsilonMax: 21 }))).toBe('wrong_state');
    expect((await change(useCase, { epsilonMax: 1 })).status).toBe(200);
    // What is to be in force counts already.
    expect(codeOf(await change(useCase, { epsilonMax: 2 }))).toBe('wrong_state');
    expect((await start(useCase, 1, 1)).status).toBe(201);
    await moveDatabaseClock(database, EPOCH_SECONDS);
    expect(codeOf(await start(useCase, 1, 1))).toBe('budget_spent');
    const budgetAt = (epoch: number) => valueOf("select rounds.privacy_at($1, $2) -> 'epsilonMax'", useCase, epoch);
    expect([await budgetAt(0), await budgetAt(1)]).toEqual([20, 1]);
  });

  // Kills: a field that devices pin.
  it('[PRT11] what devices pin is refused in a sentence, and so is a smaller crowd, and what is not live', async () => {
    const { researcher } = starling;
    const { useCase } = await researcher.createUseCase({ kMin: 2 });
    for (const pinned of [
      { slots: 8 },
      { strategy: { name: 'FedAdam' } },
      { clip: 1 },
      { jitterMs: 9 },
      { privacy: PRIVACY },
    ]) {
      const refused = await change(useCase, pinned);
      expect(codeOf(refused)).toBe('malformed_message');
      expect(refused.text).toContain(`${Object.keys(pinned)[0]}: devices pin this in their manifest`);
    }
    expect(codeOf(await change(useCase, { surprise: 1 }))).toBe('malformed_message');
    expect(codeOf(await change(useCase, {}))).toBe('malformed_message');
    expect((await change(useCase, { kMin: 1 })).text).toContain('can only be raised');
    expect((await change(useCase, { epsilonMax: 1 })).text).toContain('no privacy');
    expect(codeOf(await change('no-such-one', { kMin: 9 }))).toBe('unknown_use_case');
    expect((await view(useCase)).changes).toEqual([]);
  });

  it('[PRT11] is made by command, and is in the audit log', async () => {
    const { useCase } = await starling.researcher.createUseCase();
    const command = commandsOf(starling);
    const made = await command('use-case', 'change', useCase, '--set', 'title=Numbers = digits', 'kMin=4');
    expect(made).toMatchObject({ code: 0, out: `From epoch 1 on ${useCase} has title=Numbers = digits, kMin=4.\n` });
    expect(await command('use-case', 'change', useCase, '--set', 'kMin')).toMatchObject({ code: 2, out: '' });
    const { entries } = (await starling.researcher.call('/audit?limit=1')).json as AuditPage;
    expect(entries).toMatchObject([
      {
        act: 'use-case.change',
        subject: useCase,
        detail: { title: 'Numbers = digits', kMin: 4, fromEpoch: 1, outcome: 'done' },
      },
    ]);
  });
});
