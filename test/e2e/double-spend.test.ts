import { fork, type ChildProcess } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { parameterCount, type Manifest } from '#protocol';

import { enrolCohort, type Member } from '../fixtures/cohort.js';
import { plantSelectThenInsert } from '../fixtures/mutants.js';
import { FULL, report } from '../fixtures/race.js';
import type { SpenderNews, SpendOrder, Spent } from '../fixtures/spender.js';
import { startStarling, type TestStarling } from '../fixtures/starling.js';
import { awaitOpenRound, receiptOf, submit, told } from '../fixtures/submission.js';

/** 50 × 200 takes about a minute and a half on two cores; STARLING_K=full. */
const TOKENS = FULL ? 50 : 20;
const TRIES = FULL ? 200 : 40;
const CLIENTS = 4;

let starling: TestStarling;
let manifest: Manifest;
let members: Member[];

beforeAll(async () => {
  starling = await startStarling({ intakes: [{}, {}], without: ['worker'] });
  manifest = await starling.researcher.createUseCase();
  members = await enrolCohort(starling, manifest, TOKENS, { slots: [0, 1] });
}, 120_000);
afterAll(() => starling.stop());

/** All tokens of a slot, each spent TRIES times by four client processes over two intake processes. */
async function race(slot: number): Promise<Spent[]> {
  const [roundId] = await starling.researcher.startRounds(manifest.useCase);
  const round = await awaitOpenRound(starling.coordinator, manifest.useCase);
  expect(round.roundId).toBe(roundId);
  const order: SpendOrder = {
    intakes: starling.intakes,
    round,
    tokens: members.map(({ tokens }) => tokens[slot]!),
    tries: TRIES / CLIENTS,
    parameters: parameterCount(manifest),
    width: 12,
  };
  const clients = Array.from({ length: CLIENTS }, spender);
  const holding = await Promise.all(clients.map((client) => newsOf(client, () => client.send(order))));
  const spent = (await Promise.all(clients.map((client) => newsOf(client, () => client.send('go'))))).flatMap((news) =>
    'spent' in news ? news.spent : [],
  );
  const held = holding.reduce((sum, news) => sum + ('holding' in news ? news.holding : 0), 0);
  report(
    `double spend: ${accepted(spent).length} accepted of ${spent.length} tries, ${TOKENS} tokens, ${held} held back`,
  );
  return spent;
}

const spender = (): ChildProcess =>
  fork(new URL('../fixtures/spender.js', import.meta.url), { serialization: 'advanced', execArgv: [] });

/** What the client says next, once it was told this. */
function newsOf(client: ChildProcess, tell: () => unknown): Promise<SpenderNews> {
  return new Promise((resolve, reject) => {
    client.once('error', reject);
    client.once('exit', (code) => reject(new Error(`a spender ended with code ${code} and no report`)));
    client.once('message', (news: SpenderNews) => resolve(news));
    tell();
  });
}

const accepted = (spent: readonly Spent[]): Spent[] =>
  spent.filter(({ submission, told }) => told === receiptOf(submission));

describe('double spending', () => {
  it('[ACC3] many spends of each token at once: one receipt a token, token_spent for all others', async () => {
    const spent = await race(0);
    expect(spent).toHaveLength(TOKENS * TRIES);
    const winners = accepted(spent);
    expect(new Set(winners.map(({ token }) => token)).size).toBe(TOKENS);
    expect(new Set(winners.map(({ told }) => told)).size).toBe(TOKENS);
    expect(winners).toHaveLength(TOKENS);
    const losers = spent.filter((one) => !winners.includes(one));
    expect([...new Set(losers.map(({ told }) => told))]).toEqual(['token_spent']);
    // The winner is told the same again, by either process; a loser is not told anything else.
    for (const { submission } of winners) {
      for (const intake of starling.intakes) expect(told(await submit(intake, submission))).toBe(receiptOf(submission));
    }
    for (const { submission } of losers.slice(0, 20))
      expect(told(await submit(starling.intake, submission))).toBe('token_spent');
    const { rows } = await starling.database.admin.query<{ n: number }>(
      'select count(*)::int as n from intake.submission',
    );
    expect(rows[0]!.n).toBe(TOKENS);
    // A body that lost leaves nothing behind.
    const files = await readdir(join(starling.directory, 'bodies'), { recursive: true, withFileTypes: true });
    expect(files.filter((entry) => entry.isFile())).toHaveLength(TOKENS);
  }, 300_000);

  // The mutant that [ACC3] kills: accept = SELECT, then INSERT. It must let more through.
  it('[ACC3] the same race against look-first-write-later accepts more than one update a token', async () => {
    const [open] = await starling.researcher.call('/rounds').then(({ json }) => json as { id: string }[]);
    await starling.researcher.abort(open!.id);
    await plantSelectThenInsert(starling.database.admin);
    expect(accepted(await race(1)).length).toBeGreaterThan(TOKENS);
  }, 300_000);
});
