import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { ISSUER_CODES, type Manifest } from '#protocol';

import { TestDevice, random, type BlindedBatch, type IssuanceForgery } from '../fixtures/device.js';
import { ask, codeOf, type HttpAnswer } from '../fixtures/http.js';
import { plantNoIssuanceKey } from '../fixtures/mutants.js';
import { heldIn } from '../fixtures/secrets.js';
import { startStarling, type TestStarling } from '../fixtures/starling.js';

let starling: TestStarling;
let manifest: Manifest;
let code: string;
const produced = new Set<string>();

beforeAll(async () => {
  starling = await startStarling({ intakes: [], without: ['worker'] });
  manifest = await starling.researcher.createUseCase({ quota: 4 });
  code = await starling.researcher.enrolmentCode(manifest.useCase);
}, 120_000);
afterAll(() => starling.stop());

const enrolled = (): Promise<TestDevice> => TestDevice.enrolled({ issuer: starling.issuer, manifest, code });
const unenrolled = (): TestDevice => new TestDevice({ issuer: starling.issuer, manifest, code });

function check(answer: HttpAnswer): string {
  produced.add(codeOf(answer));
  return codeOf(answer);
}

async function chargedTo(device: TestDevice): Promise<number[]> {
  const { rows } = await starling.database.admin.query<{ slot: number }>(
    'select slot from identity.issuance where device_id = $1 order by slot',
    [device.id],
  );
  return rows.map(({ slot }) => slot);
}

const ELEMENTS: readonly [string, Uint8Array][] = [
  ['the identity', new Uint8Array(32)],
  ['bytes that are no element', new Uint8Array(32).fill(0xff)],
  ['31 bytes', random(31)],
  ['33 bytes', random(33)],
  ['nothing', new Uint8Array()],
];

describe('enrolment', () => {
  it('[ISS1] a code that is unknown, used up, expired, revoked or of another use case is invalid_code', async () => {
    const { researcher, database } = starling;
    const [single, expired, revoked] = [1, 2, 2].map((uses) => researcher.enrolmentCode(manifest.useCase, uses));
    const other = await researcher.enrolmentCode((await researcher.createUseCase()).useCase);
    await TestDevice.enrolled({ issuer: starling.issuer, manifest, code: await single! });
    const set = (column: string) => `update identity.enrolment_code set ${column} where code_hash = sha256($1::bytea)`;
    await database.admin.query(set("expires_at = now() - interval '1 s'"), [Buffer.from(await expired!)]);
    await database.admin.query(set('revoked = true'), [Buffer.from(await revoked!)]);
    for (const code of ['welcome', await single!, await expired!, await revoked!, other]) {
      expect(check(await unenrolled().enrol({ code }))).toBe('invalid_code');
    }
  });

  it('[ISS1] the key that enrols must sign; enrolling again is the same device and charges nothing', async () => {
    const device = unenrolled();
    expect(check(await device.enrol({ signature: '00'.repeat(64) }))).toBe('bad_signature');
    expect(check(await device.enrol({ signature: device.sign(random(10)) }))).toBe('bad_signature');
    expect(check(await device.enrol({ signature: 'zz' }))).toBe('malformed_message');
    const single = await starling.researcher.enrolmentCode(manifest.useCase, 1);
    const first = await device.enrol({ code: single });
    expect(first.status).toBe(201);
    expect((await device.enrol({ code: single })).json).toEqual(first.json);
  });
});

describe('refused requests for tokens', () => {
  const CASES: readonly { code: string; name: string; forge: () => IssuanceForgery }[] = [
    { code: 'unknown_device', name: 'a device nobody enrolled', forge: () => ({ deviceId: crypto.randomUUID() }) },
    { code: 'unknown_device', name: 'a use case that is not the device’s', forge: () => ({ useCase: 'no-such-task' }) },
    { code: 'bad_signature', name: 'a signature of zeros', forge: () => ({ signature: '00'.repeat(64) }) },
    { code: 'stale_request', name: 'a request of ten minutes ago', forge: () => ({ timestamp: Date.now() - 600_000 }) },
    { code: 'stale_request', name: 'a request from the future', forge: () => ({ timestamp: Date.now() + 600_000 }) },
    { code: 'malformed_message', name: 'a body of another shape', forge: () => ({ body: { slots: [0] } }) },
    { code: 'malformed_message', name: 'no JSON', forge: () => ({ body: '{' }) },
    { code: 'malformed_message', name: 'a signature that is no hex', forge: () => ({ signature: 'x' }) },
    ...ELEMENTS.map(([name, bytes]) => ({
      code: 'malformed_element',
      name: `${name} for a blinded element`,
      forge: () => ({ blinded: [bytes] }),
    })),
  ];

  it.each(CASES)('[ISS2] $name is refused as $code and costs nothing', async ({ code, forge }) => {
    const device = await enrolled();
    const { epoch } = await device.window();
    const batch = device.blind(epoch, [0]);
    const answer = await device.request(batch, forge());
    expect(check(answer)).toBe(code);
    expect(heldIn(answer.text, { blinded: batch.states[0]!.blinded[0]!, key: device.publicKey })).toEqual([]);
    expect(await chargedTo(device)).toEqual([]);
    expect(device.finalize(batch, await device.request(batch))).toHaveLength(1);
  });

  it('[ISS2] what was signed for one request does for no other', async () => {
    const device = await enrolled();
    const { epoch } = await device.window();
    const [one, other] = [device.blind(epoch, [0]), device.blind(epoch, [1])];
    const body = { epoch, slots: [1], blinded: [Buffer.from(other.states[0]!.blinded[0]!).toString('hex')] };
    expect(check(await device.request(one, { body }))).toBe('bad_signature');
  });

  it('[ISS3] a revoked device gets nothing more', async () => {
    const device = await enrolled();
    await starling.database.admin.query('update identity.device set revoked = true where id = $1', [device.id]);
    expect(check(await device.request(device.blind((await device.window()).epoch, [0])))).toBe('revoked_device');
    expect(await chargedTo(device)).toEqual([]);
  });

  it('[ISS4] tokens are issued for the current and the next epoch, and for slots the epoch has', async () => {
    const device = await enrolled();
    const { epoch } = await device.window();
    expect(check(await device.request(device.blind(epoch + 2, [0])))).toBe('epoch_not_open');
    expect(check(await device.request(device.blind(0xffffffff, [0])))).toBe('epoch_not_open');
    expect(check(await device.request(device.blind(epoch, [manifest.slots])))).toBe('epoch_not_open');
    expect((await device.request(device.blind(epoch + 1, [0]))).status).toBe(200);
  });

  it('[ISS5] no device gets more tokens in an epoch than the quota', async () => {
    const device = await enrolled();
    const { epoch } = await device.window();
    expect(check(await device.request(device.blind(epoch, [0, 1, 2, 3, 4])))).toBe('quota_exhausted');
    expect((await device.request(device.blind(epoch, [0, 1, 2]))).status).toBe(200);
    expect(check(await device.request(device.blind(epoch, [3, 4])))).toBe('quota_exhausted');
    expect((await device.request(device.blind(epoch, [4]))).status).toBe(200);
    expect(await chargedTo(device)).toEqual([0, 1, 2, 4]);
  });

  it('[ISS2] a use case nobody made is unknown_use_case', async () => {
    for (const what of ['manifest', 'slots']) {
      expect(check(await ask(`${starling.issuer}/v1/use-cases/no-such-task/${what}`))).toBe('unknown_use_case');
      expect(check(await ask(`${starling.issuer}/v1/use-cases/NO%20NAME/${what}`))).toBe('malformed_message');
    }
  });
});

describe('one token a slot', () => {
  it('[ISS6] the same request again gets the same bytes; another element for the slot is slot_taken', async () => {
    const device = await enrolled();
    const { epoch } = await device.window();
    const [batch, other] = [device.blind(epoch, [0, 1]), device.blind(epoch, [1])];
    const first = await device.request(batch);
    expect((await device.request(batch)).text).toBe(first.text);
    expect(check(await device.request(other))).toBe('slot_taken');
    expect(check(await device.request({ ...batch, slots: [0, 2] }))).toBe('slot_taken');
    expect(await chargedTo(device)).toEqual([0, 1]);
  });

  /** More at once than the issuer works on at a time: the others are told when to come back. */
  const untilLetIn = async (device: TestDevice, batch: BlindedBatch): Promise<HttpAnswer> => {
    for (;;) {
      const answer = await device.request(batch);
      if (answer.status === 200 || codeOf(answer) !== 'overloaded') return answer;
      await sleep((answer.json as { retryAfterMs: number }).retryAfterMs);
    }
  };

  const race = async (device: TestDevice): Promise<{ answers: Map<string, number>; batches: BlindedBatch[] }> => {
    const { epoch } = await device.window();
    const batches = Array.from({ length: 4 }, () => device.blind(epoch, [0, 1]));
    const all = await Promise.all(
      batches.flatMap((batch) => Array.from({ length: 64 }, () => untilLetIn(device, batch))),
    );
    const answers = new Map<string, number>();
    for (const { status, text, json } of all) {
      const key = status === 200 ? text : codeOf({ status, text, json });
      answers.set(key, (answers.get(key) ?? 0) + 1);
    }
    return { answers, batches };
  };

  // Kills: quota read, then written.
  it('[ISS6] 4 × 64 requests at once for the same slots charge each slot once', async () => {
    const device = await enrolled();
    const { answers } = await race(device);
    expect([...answers.values()].sort((a, b) => a - b)).toEqual([64, 192]);
    expect(answers.get('slot_taken')).toBe(192);
    expect(await chargedTo(device)).toEqual([0, 1]);
  });

  it('[ISS7] a slot that a round has taken is issued to nobody, except again', async () => {
    const { researcher } = starling;
    const own = await researcher.createUseCase();
    const plan = { issuer: starling.issuer, manifest: own, code: await researcher.enrolmentCode(own.useCase) };
    const [early, late] = [await TestDevice.enrolled(plan), await TestDevice.enrolled(plan)];
    const { epoch } = await early.window();
    const batch = early.blind(epoch, [0, 1]);
    const first = await early.request(batch);
    const [id] = await researcher.startRounds(own.useCase);
    const round = await researcher.awaitRound(id!, 'open');
    expect(round).toMatchObject({ epoch, slot: 0, issued: 1 });
    expect(check(await late.request(late.blind(epoch, [0])))).toBe('epoch_not_open');
    expect((await early.request(batch)).text).toBe(first.text);
    expect(await late.window()).toEqual({ epoch, nextSlot: 1 });
    expect((await late.request(late.blind(epoch, [1]))).status).toBe(200);
  });

  it('[ISS14] a request for a slot of another lane is wrong_slot, charges nothing, and can be made good', async () => {
    const privacy = {
      noiseMultiplier: 9,
      delta: 1e-6,
      epsilonMax: 9,
      mechanism: 'tree' as const,
      separation: 2,
      epochs: 1,
    };
    const separated = await starling.researcher.createUseCase({ privacy });
    const code = await starling.researcher.enrolmentCode(separated.useCase);
    const device = await TestDevice.enrolled({ issuer: starling.issuer, manifest: separated, code });
    const { epoch } = await device.window();
    expect(check(await device.request(device.blind(epoch, [0, 1])))).toBe('wrong_slot');
    expect(await chargedTo(device)).toEqual([]);
    const answers = await Promise.all([0, 1].map((slot) => device.request(device.blind(epoch, [slot]))));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
  });

  // Kills: counting before the signature is checked (anybody could use up a device's requests); one count for all.
  it('[ISS9] a device that asks too often is rate_limited and told when to come back; others are served', async () => {
    const [eager, other] = [await enrolled(), await enrolled()];
    const batch = eager.blind((await eager.window()).epoch, [0]);
    let answer = await eager.request(batch);
    for (let asked = 1; asked < 700 && answer.status === 200; asked++) answer = await eager.request(batch);
    expect(check(answer)).toBe('rate_limited');
    expect((answer.json as { retryAfterMs: number }).retryAfterMs).toBeGreaterThan(0);
    expect((await other.request(other.blind((await other.window()).epoch, [0]))).status).toBe(200);
  });

  it('[ISS8] every code of the issuer was produced above but those for our own mistakes and for a full queue', () => {
    expect(ISSUER_CODES.filter((code) => !['internal', 'overloaded'].includes(code) && !produced.has(code))).toEqual(
      [],
    );
    expect(starling.log('issuer 0')).toBe('');
  });

  // The mutant that [ISS6] kills; it comes last, for it stays.
  it('[ISS6] without the unique key a slot is charged more than once', async () => {
    await plantNoIssuanceKey(starling.database.admin);
    const device = await enrolled();
    await race(device);
    expect((await chargedTo(device)).length).toBeGreaterThan(2);
  });
});
