import { createHash, randomBytes } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { COORDINATOR_CODES, SCOPES, type Scope } from '#protocol';

import { enrolCohort } from '../fixtures/cohort.js';
import { TestDevice } from '../fixtures/device.js';
import { ask, codeOf, type HttpAnswer } from '../fixtures/http.js';
import { LAYOUT, pick } from '../fixtures/researcher.js';
import { startStarling, type TestStarling } from '../fixtures/starling.js';

let starling: TestStarling;
let useCase: string;
let draft: Record<string, unknown>;
const produced = new Set<string>();

beforeAll(async () => {
  starling = await startStarling({ coordinator: { WRONG_KEYS_PER_MINUTE: '40' }, intakes: [], without: ['worker'] });
  const { researcher } = starling;
  const manifest = await researcher.createUseCase();
  useCase = manifest.useCase;
  const initialModel = await researcher.upload(researcher.initialModel(LAYOUT));
  draft = { id: 'a-draft', title: 'A draft', kMin: 2, layout: LAYOUT, initialModel };
  await enrolCohort(starling, manifest, 1);
}, 120_000);
afterAll(() => starling.stop());

function check(answer: HttpAnswer): string {
  produced.add(codeOf(answer));
  return codeOf(answer);
}

/** A researcher's key with these scopes; made behind the coordinator's back. */
async function keyWith(scopes: readonly Scope[]): Promise<string> {
  const secret = randomBytes(16).toString('hex');
  const hash = createHash('sha256').update(secret).digest();
  const sql = 'insert into access.api_key (key_hash, name, scopes) values ($1, $2, $3)';
  await starling.database.admin.query(sql, [hash, 'test', scopes]);
  return `Bearer ${secret}`;
}

describe('who may write', () => {
  const WRITES: readonly { path: () => string; scope: Scope; body: unknown }[] = [
    { path: () => '/use-cases', scope: 'use-cases:write', body: {} },
    { path: () => `/use-cases/${useCase}/enrolment-codes`, scope: 'use-cases:write', body: { uses: 1 } },
    { path: () => `/use-cases/${useCase}/rounds`, scope: 'rounds:write', body: {} },
    { path: () => `/rounds/${crypto.randomUUID()}/abort`, scope: 'rounds:write', body: {} },
    { path: () => '/blobs', scope: 'models:write', body: new Uint8Array(8) },
    { path: () => '/models', scope: 'models:read', body: undefined },
    { path: () => '/api-keys', scope: 'keys:write', body: { name: 'a', scopes: [] } },
    { path: () => '/enrolment-codes/revoke', scope: 'use-cases:write', body: { code: 'none' } },
  ];

  it.each(WRITES)('[ADM1] without a key unauthorized, without $scope forbidden (%#)', async ({ path, scope, body }) => {
    const url = `${starling.coordinator}/v1${path()}`;
    const others = SCOPES.filter((s) => s !== scope);
    expect(check(await ask(url, { body }))).toBe('unauthorized');
    expect(check(await ask(url, { body, headers: { authorization: 'Bearer nonsense' } }))).toBe('unauthorized');
    expect(check(await ask(url, { body, headers: { authorization: await keyWith(others) } }))).toBe('forbidden');
    const allowed = await ask(url, { body, headers: { authorization: await keyWith([scope]) } });
    expect(['unauthorized', 'forbidden']).not.toContain(codeOf(allowed));
  });

  it('[ADM1] a revoked key is unauthorized', async () => {
    const authorization = await keyWith(['models:read']);
    expect((await ask(`${starling.coordinator}/v1/models`, { headers: { authorization } })).status).toBe(200);
    await starling.database.admin.query("update access.api_key set revoked = true where name = 'test'");
    expect(check(await ask(`${starling.coordinator}/v1/models`, { headers: { authorization } }))).toBe('unauthorized');
  });
});

describe('what access is given and taken back', () => {
  // Kills: a key that gets every scope; a key kept as it is.
  it('[ADM8] a new API key has the scopes asked for and no others, and is kept as a hash', async () => {
    const key = pick<string>(
      await starling.researcher.call('/api-keys', { name: 'reader', scopes: ['models:read'] }),
      'key',
    );
    const authorization = `Bearer ${key}`;
    expect((await ask(`${starling.coordinator}/v1/models`, { headers: { authorization } })).status).toBe(200);
    const write = await ask(`${starling.coordinator}/v1/api-keys`, { body: {}, headers: { authorization } });
    expect(codeOf(write)).toBe('forbidden');
    const { rows } = await starling.database.admin.query('select row_to_json(k)::text as row from access.api_key k');
    expect(rows.length).toBeGreaterThan(1);
    expect(rows.filter(({ row }) => row.includes(key))).toEqual([]);
  });

  // Kills: revoking that only forgets the code's remaining uses somewhere else.
  it('[ADM9] a revoked code lets nobody in any more', async () => {
    const { researcher } = starling;
    const code = await researcher.enrolmentCode(useCase, 10);
    const manifest = await researcher.manifest(useCase);
    const enrol = () => TestDevice.enrolled({ issuer: starling.issuer, manifest, code });
    await enrol();
    expect((await researcher.call('/enrolment-codes/revoke', { code })).status).toBe(200);
    await expect(enrol()).rejects.toThrow('invalid_code');
    expect(codeOf(await researcher.call('/enrolment-codes/revoke', { code: 'never made' }))).toBe('not_found');
  });
});

describe('refused wishes', () => {
  it('[ADM2] a use case that cannot be is refused as malformed_message', async () => {
    const { researcher } = starling;
    const two = await researcher.upload(researcher.initialModel([{ name: 'w', shape: [2] }]));
    const bad: Record<string, unknown>[] = [
      { id: 'Not An Id' },
      { id: undefined },
      { layout: [] },
      { layout: [...LAYOUT, ...LAYOUT] },
      { initialModel: two },
      { surprise: true },
      { scale: 2 ** 30, clip: 1e6 },
      { title: 'a\0b' },
      { title: '\ud800' },
      // Kills: a draft that the issuer cannot make a key for, and no other draft after it.
      { suite: 'no-such-suite' },
    ];
    for (const change of bad)
      expect(check(await researcher.call('/use-cases', { ...draft, ...change }))).toBe('malformed_message');
    expect(check(await researcher.call('/use-cases', { ...draft, strategy: { name: 'FedNone' } }))).toBe(
      'bad_strategy',
    );
    expect(check(await researcher.call('/use-cases', '{'))).toBe('malformed_message');
    expect(check(await researcher.call('/blobs', new Uint8Array()))).toBe('malformed_message');
  });

  // Kills: intake that rounds the clip up while the worker does not: it refused to add what intake had accepted.
  it('[ADM10] the worker checks updates against the very bound that the manifest tells', async () => {
    const { clipMicros, useCase: id } = await starling.researcher.createUseCase({ scale: 2 ** 30, clip: 1.5e-6 });
    const { rows } = await starling.database.admin.query('select clip from rounds.task where use_case = $1', [id]);
    expect(rows).toEqual([{ clip: clipMicros / 1e6 }]);
  });

  it('[ADM2] files must be there first, ids are taken once', async () => {
    const { researcher } = starling;
    const missing = '00'.repeat(32);
    expect(check(await researcher.call('/use-cases', { ...draft, initialModel: missing }))).toBe('not_found');
    expect(check(await researcher.call('/use-cases', { ...draft, id: useCase }))).toBe('use_case_exists');
  });

  it('[ADM3] a round smaller than the promised anonymity set, or longer than its epoch, is refused', async () => {
    const { researcher } = starling;
    expect(pick(await researcher.call('/use-cases', draft), 'state')).toBe('draft');
    const plan = { min: 2, target: 2, deadlineSeconds: 60 };
    for (const change of [{ min: 1 }, { target: 1 }, { deadlineSeconds: 3600 }, { count: 0 }]) {
      expect(check(await researcher.call('/use-cases/a-draft/rounds', { ...plan, ...change }))).toBe(
        'malformed_message',
      );
    }
    expect((await researcher.call('/use-cases/a-draft/rounds', plan)).status).toBe(201);
  });

  // Kills: finding out when the updates are in that their sum cannot be trusted.
  it('[ADM3] a round whose sums might not be exact is refused', async () => {
    const { researcher } = starling;
    const heavy = { ...draft, id: 'heavy', clip: 1024, scale: 65_536, weightLevels: [65_535] };
    expect(pick(await researcher.call('/use-cases', heavy), 'state')).toBe('draft');
    const plan = { min: 2, target: 3000, deadlineSeconds: 60 };
    expect(check(await researcher.call('/use-cases/heavy/rounds', plan))).toBe('malformed_message');
    expect((await researcher.call('/use-cases/heavy/rounds', { ...plan, target: 2000 })).status).toBe(201);
  });

  it('[ADM3] rounds that would cost more than the budget of privacy are refused', async () => {
    const { researcher } = starling;
    const privacy = { noiseMultiplier: 1, epsilonMax: 1 };
    expect(pick(await researcher.call('/use-cases', { ...draft, id: 'private', privacy }), 'state')).toBe('draft');
    const plan = { min: 2, target: 2, deadlineSeconds: 60 };
    expect(check(await researcher.call('/use-cases/private/rounds', plan))).toBe('budget_spent');
  });

  it('[ADM4] what is not there is not_found, unknown_use_case or no_open_round', async () => {
    const { researcher } = starling;
    expect(check(await researcher.call('/nothing'))).toBe('not_found');
    expect(check(await researcher.call(`/rounds/${crypto.randomUUID()}`))).toBe('not_found');
    expect(check(await researcher.call(`/models/${'00'.repeat(32)}`))).toBe('not_found');
    expect(check(await researcher.call(`/use-cases/${useCase}/topology`))).toBe('not_found');
    expect(check(await researcher.call('/use-cases/no-such-task'))).toBe('unknown_use_case');
    expect(check(await researcher.call('/use-cases/no-such-task/rounds', { min: 1, target: 1 }))).toBe(
      'unknown_use_case',
    );
    expect(check(await researcher.call('/use-cases/no-such-task/enrolment-codes', { uses: 1 }))).toBe(
      'unknown_use_case',
    );
    expect(check(await researcher.call(`/use-cases/${useCase}/round`))).toBe('no_open_round');
    expect(check(await researcher.call('/rounds/not-a-uuid'))).toBe('malformed_message');
  });

  it('[ADM5] a round is aborted once, and says so', async () => {
    const { researcher } = starling;
    const [id] = await researcher.startRounds(useCase);
    await researcher.awaitRound(id!, 'open');
    await researcher.abort(id!);
    expect(await researcher.round(id!)).toMatchObject({ state: 'abandoned', reason: 'aborted' });
    expect(check(await researcher.call(`/rounds/${id}/abort`, {}))).toBe('wrong_state');
  });

  it('[ADM6] JSON above a megabyte is too_large', async () => {
    expect(check(await starling.researcher.call('/use-cases', { ...draft, title: 'x'.repeat(1_100_000) }))).toBe(
      'too_large',
    );
  });

  it('[ADM7] more at once than is worked on is overloaded, and told when to come back', async () => {
    const { admin } = starling.database;
    const client = await admin.connect();
    await client.query('begin');
    await client.query('lock table rounds.model in access exclusive mode');
    const asked = Array.from({ length: 400 }, () => starling.researcher.call('/models'));
    const refused = await Promise.any(asked.map(async (one) => ((await one).status === 503 ? one : Promise.reject())));
    await client.query('rollback');
    client.release();
    expect(check(refused)).toBe('overloaded');
    expect((refused.json as { retryAfterMs: number }).retryAfterMs).toBeGreaterThan(0);
    expect(
      (await Promise.all(asked)).map(({ status }) => status).filter((status) => ![200, 503].includes(status)),
    ).toEqual([]);
  });

  it('[ADM7] wrong keys too often are rate_limited', async () => {
    const knock = () => ask(`${starling.coordinator}/v1/models`);
    while (check(await knock()) === 'unauthorized');
    expect(produced).toContain('rate_limited');
  });

  it('[ADM7] every code of the coordinator was produced above but the one for our own mistakes', () => {
    expect(COORDINATOR_CODES.filter((code) => code !== 'internal' && !produced.has(code))).toEqual([]);
    expect(starling.log('coordinator')).toBe('');
  });
});
