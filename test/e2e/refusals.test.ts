import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { ENCODING, INTAKE_CODES, type Manifest, type SubmissionHeader, type UploadChunkAck } from '#protocol';

import { enrolCohort, type Member } from '../fixtures/cohort.js';
import { infoAt, random, type Token } from '../fixtures/device.js';
import { heldIn } from '../fixtures/secrets.js';
import { startStarling, type TestStarling } from '../fixtures/starling.js';
import {
  awaitOpenRound,
  connect,
  emit,
  open,
  payloadOf,
  permitQuery,
  prepare,
  receiptOf,
  submit,
  told,
  upload,
  type OpenRound,
  type Outcome,
  type Submission,
} from '../fixtures/submission.js';

let starling: TestStarling;
let manifest: Manifest;
let round: OpenRound;
let members: Member[];
const produced = new Set<string>();

/** The grid is 1000 steps a unit, clip 10: a coordinate within ±10,000, a norm within 10,004. */
const HONEST = payloadOf(Array.from({ length: 64 }, (_, i) => i));
const OTHER = payloadOf(Array.from({ length: 64 }, (_, i) => 64 - i));

beforeAll(async () => {
  // The second intake has room for one upload at a time.
  starling = await startStarling({ intakes: [{}, { MAX_UPLOADS: '1' }] });
  manifest = await starling.researcher.createUseCase({ uploadDeadlineMs: 1500 });
  members = await enrolCohort(starling, manifest, 40, { slots: [0, 1] });
  await starling.researcher.startRounds(manifest.useCase);
  await starling.researcher.startRounds(manifest.useCase, { target: 2 });
  round = await awaitOpenRound(starling.coordinator, manifest.useCase);
}, 120_000);
afterAll(() => starling.stop());

/** A token of the open round that nothing was done with yet. */
const freshToken = (): Token => members.pop()!.tokens[0]!;

/** Notes the code, and that the answer gives nothing away. */
function check(outcome: Outcome | object, { token, mac, payload, header }: Submission): string {
  const text = JSON.stringify(outcome, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value));
  const secrets = { token: token.token, prf: token.prf, mac, payload, header };
  expect('ok' in outcome && outcome.ok === false ? heldIn(text, secrets) : []).toEqual([]);
  const code = told(outcome as Outcome);
  produced.add(code);
  return code;
}

/** The honest submission of a token that was only tried: it must be accepted as if nothing had happened. */
async function expectAccepted(token: Token): Promise<void> {
  const honest = prepare(round, token, HONEST);
  expect(told(await submit(starling.intake, honest))).toBe(receiptOf(honest));
}

describe('refused headers', () => {
  const foreign = (useCase: string, epoch: number): Uint8Array => infoAt({ ...manifest, useCase }, epoch, 0);
  type Forge = Partial<SubmissionHeader> & { mac?: Uint8Array; prf?: Uint8Array };
  const FORGERIES: readonly { name: string; code: string; forge: (token: Token) => Forge }[] = [
    { name: 'another deployment', code: 'malformed_message', forge: () => ({ audience: 'starling.elsewhere' }) },
    { name: 'a second use of the token', code: 'malformed_message', forge: () => ({ useNo: 1 }) },
    { name: 'a sealed seed in plain mode', code: 'malformed_message', forge: () => ({ sealedSeed: random(48) }) },
    {
      name: 'the info of another slot',
      code: 'malformed_message',
      forge: ({ epoch }) => ({ info: infoAt(manifest, epoch, 1) }),
    },
    { name: 'another encoding', code: 'unsupported_encoding', forge: () => ({ encoding: ENCODING.int32 + 1 }) },
    { name: 'another mode', code: 'unsupported_encoding', forge: () => ({ mode: 1 }) },
    { name: 'a weight that is not listed', code: 'unsupported_encoding', forge: () => ({ weightLevel: 1 }) },
    { name: 'a longer payload', code: 'wrong_length', forge: () => ({ payloadLength: 260 }) },
    { name: 'no payload', code: 'wrong_length', forge: () => ({ payloadLength: 0 }) },
    { name: 'a round nobody opened', code: 'stale_model', forge: () => ({ recordDigest: random(32) }) },
    {
      name: 'a use case nobody made',
      code: 'unknown_use_case',
      forge: ({ epoch }) => ({ recordDigest: random(32), info: foreign('no-such-task', epoch) }),
    },
    { name: 'a MAC of zeros', code: 'invalid_token', forge: () => ({ mac: new Uint8Array(32) }) },
    { name: 'a short MAC', code: 'invalid_token', forge: () => ({ mac: random(31) }) },
    { name: 'no MAC', code: 'invalid_token', forge: () => ({ mac: new Uint8Array() }) },
    { name: 'a token nobody issued', code: 'invalid_token', forge: () => ({ token: random(32) }) },
    { name: "another token's secret", code: 'invalid_token', forge: () => ({ prf: random(64) }) },
  ];

  it.each(FORGERIES)('[SUB1] $name is refused as $code and costs nothing', async ({ code, forge }) => {
    const token = freshToken();
    const forged = prepare(round, token, HONEST, forge(token));
    expect(check(await submit(starling.intake, forged), forged)).toBe(code);
    await expectAccepted(token);
  });

  it.each([
    ['no message', undefined],
    ['text', 'open'],
    ['an unknown field', { header: random(200), mac: random(32), device: 'me' }],
    ['a header of 1025 bytes', { header: new Uint8Array(1025), mac: random(32) }],
    ['bytes that are no header', { header: random(200), mac: random(32) }],
    ['text for bytes', { header: 'aa', mac: 'bb' }],
  ])('[SUB1] %s is refused as malformed_message and ends the connection', async (_, message) => {
    const socket = await connect(starling.intake, '/submit');
    const closed = new Promise((resolve) => socket.on('disconnect', resolve));
    expect(await emit(socket, 'submit:open', message)).toMatchObject({ ok: false, code: 'malformed_message' });
    await closed;
  });

  it('[SUB2] a connection opens one submission, and any refusal ends it', async () => {
    const [token, token2] = [freshToken(), freshToken()];
    const { header, mac } = prepare(round, token, HONEST);
    const socket = await connect(starling.intake, '/submit');
    expect(await emit(socket, 'submit:open', { header, mac })).toMatchObject({ ok: true });
    const second = prepare(round, token2, HONEST);
    expect(await emit(socket, 'submit:open', { header: second.header, mac: second.mac })).toMatchObject({ ok: false });
    await expectAccepted(token);
    await expectAccepted(token2);

    const stale = prepare(round, token2, HONEST, { recordDigest: random(32) });
    const another = await connect(starling.intake, '/submit');
    const closed = new Promise((resolve) => another.on('disconnect', resolve));
    expect(await emit(another, 'submit:open', { header: stale.header, mac: stale.mac })).toMatchObject({
      code: 'stale_model',
    });
    await closed;
  });
});

describe('refused bodies', () => {
  const at = (index: number, value: number): Uint8Array =>
    payloadOf(Array.from({ length: 64 }, (_, i) => (i === index ? value : 0)));
  const POISON: readonly { name: string; code: string; body: Uint8Array; sent?: Uint8Array }[] = [
    { name: 'another body than the header names', code: 'digest_mismatch', body: HONEST, sent: OTHER },
    { name: 'one bit of the body', code: 'digest_mismatch', body: at(0, 0), sent: at(63, 1) },
    { name: 'a number above the grid', code: 'out_of_range', body: at(0, 10_001) },
    { name: 'the smallest int32', code: 'out_of_range', body: at(63, -(2 ** 31)) },
    {
      name: 'NaN, read as an integer',
      code: 'out_of_range',
      body: new Uint8Array(new Float32Array(64).fill(NaN).buffer),
    },
    { name: 'a norm above the clip', code: 'norm_exceeded', body: payloadOf(Array.from({ length: 64 }, () => 2000)) },
  ];

  // Kills: NaN passes the clip; accept before the content was checked.
  it.each(POISON)('[SUB3] $name is refused as $code, and the token is still good', async ({ code, body, sent }) => {
    const token = freshToken();
    const poisoned = prepare(round, token, body);
    expect(check(await submit(starling.intake, { ...poisoned, payload: sent ?? body }), poisoned)).toBe(code);
    await expectAccepted(token);
  });

  // Kills: token not burned after 3 malformed.
  it('[SUB4] the third failed commit spends the token', async () => {
    const token = freshToken();
    const poisoned = prepare(round, token, at(0, 10_001));
    for (let i = 0; i < 3; i++) expect(told(await submit(starling.intake, poisoned))).toBe('out_of_range');
    const honest = prepare(round, token, HONEST);
    expect(check(await submit(starling.intake, honest), honest)).toBe('token_spent');
  });

  it('[SUB5] an upload that outlives its permit is too_slow, before and after its last chunk', async () => {
    const [slow, late] = [prepare(round, freshToken(), HONEST), prepare(round, freshToken(), HONEST)];
    const sockets = [];
    for (const submission of [slow, late]) {
      const opened = await open(starling.intake, submission);
      if (!opened.ok || 'receipt' in opened) throw new Error('not opened');
      sockets.push(await connect(starling.intake, '/upload', { query: permitQuery(opened.permit) }));
    }
    const chunk = { index: 0, bytes: HONEST };
    expect(await emit(sockets[1]!, 'upload:chunk', chunk)).toMatchObject({ ok: true });
    await sleep(2500);
    expect(check(await emit<UploadChunkAck & Outcome>(sockets[0]!, 'upload:chunk', chunk), slow)).toBe('too_slow');
    expect(check(await emit<Outcome>(sockets[1]!, 'upload:commit', {}), late)).toBe('too_slow');
    sockets.forEach((socket) => socket.disconnect());
    await expectAccepted(slow.token);
    await expectAccepted(late.token);
  });

  it('[SUB5] what is not opened here is upload_unknown', async () => {
    const submission = prepare(round, freshToken(), HONEST);
    const opened = await open(starling.intake, submission);
    if (!opened.ok || 'receipt' in opened) throw new Error('not opened');
    const socket = await connect(starling.intake, '/upload', { query: permitQuery(opened.permit) });
    await emit(socket, 'upload:chunk', { index: 0, bytes: HONEST });
    expect(told(await emit<Outcome>(socket, 'upload:commit', {}))).toBe(receiptOf(submission));
    const again = await emit<UploadChunkAck & Outcome>(socket, 'upload:chunk', { index: 1, bytes: HONEST });
    expect(check(again, submission)).toBe('upload_unknown');
    socket.disconnect();
    // A permit is of one process: elsewhere, and once it is used, it opens nothing.
    await expect(connect(starling.intakes[1]!, '/upload', { query: permitQuery(opened.permit) })).rejects.toThrow(
      'websocket error',
    );
    await expect(connect(starling.intake, '/upload', { query: permitQuery(opened.permit) })).rejects.toThrow(
      'websocket error',
    );
  });

  it('[SUB6] chunks out of turn or out of size are malformed_message, and the upload can be resumed', async () => {
    const submission = prepare(round, freshToken(), HONEST);
    for (const message of [
      { index: 1, bytes: HONEST },
      { index: 0, bytes: HONEST.subarray(0, 100) },
      { index: 0, bytes: new Uint8Array(260) },
      { index: -1, bytes: HONEST },
    ]) {
      const opened = await open(starling.intake, submission);
      if (!opened.ok || 'receipt' in opened) throw new Error('not opened');
      const socket = await connect(starling.intake, '/upload', { query: permitQuery(opened.permit) });
      expect(check(await emit<UploadChunkAck & Outcome>(socket, 'upload:chunk', message), submission)).toBe(
        'malformed_message',
      );
      socket.disconnect();
    }
    await expectAccepted(submission.token);
  });

  it('[SUB7] with no room for another upload the answer is overloaded, with a time to come back', async () => {
    const [first, second] = [prepare(round, freshToken(), HONEST), prepare(round, freshToken(), HONEST)];
    const intake = starling.intakes[1]!;
    const opened = await open(intake, first);
    const refused = await open(intake, second);
    expect(check(refused, second)).toBe('overloaded');
    expect(refused).toMatchObject({ retryAfterMs: expect.any(Number) });
    if (!opened.ok || 'receipt' in opened) throw new Error('not opened');
    expect(told(await upload(intake, opened, HONEST))).toBe(receiptOf(first));
    expect(told(await submit(intake, second))).toBe(receiptOf(second));
  });
});

describe('repeats', () => {
  it('[SUB8] one token, one update: another is token_spent, the same one gets the same receipt', async () => {
    const token = freshToken();
    const [one, other] = [prepare(round, token, HONEST), prepare(round, token, OTHER)];
    await open(starling.intake, one);
    expect(check(await open(starling.intake, other), other)).toBe('token_spent');
    expect(told(await submit(starling.intake, one))).toBe(receiptOf(one));
    for (const intake of starling.intakes) {
      expect(told(await submit(intake, one))).toBe(receiptOf(one));
      expect(check(await submit(intake, other), other)).toBe('token_spent');
    }
  });

  // Runs last: it ends the round, then the epoch.
  it('[SUB9] a round that is over answers round_closed, its accepted updates still get their receipt', async () => {
    const [done, missed] = [prepare(round, freshToken(), HONEST), prepare(round, freshToken(), HONEST)];
    const halfway = prepare(round, freshToken(), HONEST);
    expect(told(await submit(starling.intake, done))).toBe(receiptOf(done));
    const opened = await open(starling.intake, halfway);
    if (!opened.ok || 'receipt' in opened) throw new Error('not opened');
    await starling.researcher.abort(round.roundId);
    expect(check(await upload(starling.intake, opened, HONEST), halfway)).toBe('round_closed');
    expect(check(await submit(starling.intake, missed), missed)).toBe('round_closed');
    expect(told(await submit(starling.intake, done))).toBe(receiptOf(done));
  });

  it('[SUB9] so does an update of a round that is published', async () => {
    const next = await awaitOpenRound(starling.coordinator, manifest.useCase);
    const [one, two, three] = members.slice(0, 3).map(({ tokens }) => prepare(next, tokens[1]!, HONEST));
    for (const submission of [one!, two!])
      expect(told(await submit(starling.intake, submission))).toBe(receiptOf(submission));
    await starling.researcher.awaitRound(next.roundId, 'published');
    expect(told(await submit(starling.intake, one!))).toBe(receiptOf(one!));
    expect(check(await submit(starling.intake, three!), three!)).toBe('round_closed');
  });

  it('[SUB10] a token of an epoch that is over is epoch_retired, even for an update that was accepted', async () => {
    await starling.database.admin.query(`update keys.manifest set epoch_origin = epoch_origin - interval '2 hours'`);
    const submission = prepare(round, freshToken(), HONEST);
    expect(check(await submit(starling.intake, submission), submission)).toBe('epoch_retired');
    const guessed = prepare(round, submission.token, HONEST, { recordDigest: random(32) });
    expect(check(await submit(starling.intake, guessed), guessed)).toBe('epoch_retired');
  });

  it('[SUB11] every code of intake was produced above but the one for our own mistakes', () => {
    expect(INTAKE_CODES.filter((code) => code !== 'internal' && !produced.has(code))).toEqual([]);
    expect(starling.log('intake 0')).toBe('');
  });
});
