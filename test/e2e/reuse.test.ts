import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { decodeRoundRecord, type Manifest } from '#protocol';

import { enrolCohort, type Member } from '../fixtures/cohort.js';
import { startStarling, type TestStarling } from '../fixtures/starling.js';
import { awaitOpenRound, payloadOf, prepare, receiptOf, submit, told, type OpenRound } from '../fixtures/submission.js';

const REUSE = 2;
const ONE = payloadOf(Array.from({ length: 64 }, () => 1));
const OTHER = payloadOf(Array.from({ length: 64 }, () => 2));

let starling: TestStarling;
let manifest: Manifest;
let members: Member[];

beforeAll(async () => {
  starling = await startStarling();
  manifest = await starling.researcher.createUseCase({ reuse: REUSE });
  members = await enrolCohort(starling, manifest, 3, { slots: [0, 1] });
}, 120_000);
afterAll(() => starling.stop());

/** Everybody's update with their token of this slot, until the round is published. */
async function runRound(id: string, slot: number): Promise<OpenRound> {
  const { researcher, coordinator, intake } = starling;
  await researcher.awaitRound(id, 'open');
  const round = await awaitOpenRound(coordinator, manifest.useCase);
  for (const { tokens } of members) {
    const submission = prepare(round, tokens[slot]!, ONE);
    expect(told(await submit(intake, submission))).toBe(receiptOf(submission));
  }
  await researcher.awaitRound(id, 'published');
  return round;
}

describe('limited reuse', () => {
  // Kills: a spent key without use_no (one use a token), or one that anybody may count up.
  it('[RND6] a slot spans two rounds where tokens have two uses, and the third round takes the next slot', async () => {
    const { researcher, coordinator, intake, database } = starling;
    const ids = await researcher.startRounds(manifest.useCase, { count: 3, target: members.length });

    await researcher.awaitRound(ids[0]!, 'open');
    const first = await awaitOpenRound(coordinator, manifest.useCase);
    const token = members[0]!.tokens[0]!;
    const [honest, again] = [prepare(first, token, ONE), prepare(first, token, OTHER)];
    expect(told(await submit(intake, honest))).toBe(receiptOf(honest));
    expect(told(await submit(intake, again))).toBe('token_spent');
    expect(told(await submit(intake, prepare(first, token, OTHER, { useNo: 1 })))).toBe('malformed_message');
    expect(told(await submit(intake, prepare(first, token, OTHER, { useNo: REUSE })))).toBe('malformed_message');

    const places = [];
    for (const [i, id] of ids.entries()) {
      const { record } = await runRound(id, Math.floor(i / REUSE));
      const { slot, accepted, issued } = await researcher.round(id);
      places.push({ slot, useNo: decodeRoundRecord(record).useNo, accepted, issued });
    }
    expect(places).toEqual([
      { slot: 0, useNo: 0, accepted: 3, issued: 3 },
      { slot: 0, useNo: 1, accepted: 3, issued: 3 },
      { slot: 1, useNo: 0, accepted: 3, issued: 3 },
    ]);
    const { rows } = await database.admin.query<{ n: number }>(
      'select count(*)::int as n from intake.spent_token group by token_hash order by n desc',
    );
    expect(rows.map(({ n }) => n)).toEqual([2, 2, 2, 1, 1, 1]);
  });
});
