import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { decodeRoundRecord, encodePermit, encodeRoundRecord, permitMessage } from '#protocol';

import { enrolCohort, type Member } from '../fixtures/cohort.js';
import { hmacSha256, random } from '../fixtures/device.js';
import { ask } from '../fixtures/http.js';
import { startStarling, type TestStarling } from '../fixtures/starling.js';
import {
  binaryEvent,
  CONNECT,
  rawConnection,
  SUBMIT,
  webSocket,
  type Farewell,
  type Say,
} from '../fixtures/stranger.js';
import {
  awaitOpenRound,
  open,
  payloadOf,
  prepare,
  receiptOf,
  submit,
  told,
  type OpenRound,
} from '../fixtures/submission.js';

/** Five seconds are promised; what a busy machine adds is not the stranger's doing. */
const PATIENCE_MS = 9000;
const MAX_CONNECTIONS = 120;

let starling: TestStarling;
let members: Member[];
let round: OpenRound;

beforeAll(async () => {
  starling = await startStarling({ intakes: [{ MAX_CONNECTIONS: `${MAX_CONNECTIONS}` }], without: ['worker'] });
  const manifest = await starling.researcher.createUseCase();
  members = await enrolCohort(starling, manifest, 12);
  await starling.researcher.startRounds(manifest.useCase);
  round = await awaitOpenRound(starling.coordinator, manifest.useCase);
}, 120_000);
afterAll(() => starling.stop());

const PAYLOAD = payloadOf(Array.from({ length: 64 }, () => 1));

async function expectHonestAccepted(): Promise<void> {
  const submission = prepare(round, members.pop()!.tokens[0]!, PAYLOAD);
  expect(told(await submit(starling.intake, submission))).toBe(receiptOf(submission));
}

/** All at once: the cases wait for the same seconds. An honest device must get through meanwhile. */
async function expectThrownOut(strangers: readonly (() => Promise<Farewell>)[]): Promise<Farewell[]> {
  const farewells = Promise.all(strangers.map((stranger) => stranger()));
  await expectHonestAccepted();
  const all = await farewells;
  expect(all.filter(({ afterMs }) => afterMs > PATIENCE_MS)).toEqual([]);
  return all;
}

const raw = (send?: string) => (): Promise<Farewell> => rawConnection(starling.intake, send);
const ws =
  (talk?: (say: Say) => void, path = SUBMIT) =>
  (): Promise<Farewell> =>
    webSocket(starling.intake, path, talk);
const times = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make);

describe('strangers at intake', () => {
  // Kills: no header time-out, connectTimeout of socket.io's default 45 s.
  it('[SUB12] who says nothing, or half of something, is thrown out', async () => {
    await expectThrownOut([
      ...times(20, () => raw()),
      raw('GET /submit/?EIO=4&transport=websocket HTTP/1.1\r\nHost: intake\r\n'),
      raw('G'),
      raw('POST /submit HTTP/1.1\r\nHost: intake\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{'),
      raw('POST /health HTTP/1.1\r\nHost: intake\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n'),
      raw('GET /health HTTP/1.1\r\nHost: intake\r\nConnection: keep-alive\r\n\r\n'),
      ws(),
      ws((say) => say(CONNECT)),
      ws((say) => say('3')),
      ws((say) => say('40/another,')),
    ]);
  });

  it('[SUB12] who announces ten attachments and stalls is thrown out', async () => {
    const stalled = (count: number, bytes: number) =>
      ws((say) => {
        say(CONNECT);
        say(binaryEvent(10));
        for (let i = 0; i < count; i++) say(Buffer.alloc(bytes));
      });
    await expectThrownOut([...times(10, () => stalled(9, 2000)), stalled(0, 0), stalled(1, 2048)]);
  });

  // Kills: counting submissions by what socket.io calls a socket: that may leave and come back, and the clock starts anew.
  it('[SUB2] who leaves and comes back on the same connection opens nothing more, and is thrown out', async () => {
    const record = encodeRoundRecord({ ...decodeRoundRecord(round.record), roundId: random(16) });
    const { header, mac } = prepare({ record }, members[0]!.tokens[0]!, PAYLOAD);
    const [place, other] = [0, 1].map((num) => ({ _placeholder: true, num }));
    const event = `452-0${JSON.stringify(['submit:open', { header: place, mac: other }])}`;
    const talk = (say: Say): void =>
      [[CONNECT], [event, header, mac], ['41'], [CONNECT], ['420["submit:open",{}]']].forEach((packets, i) =>
        setTimeout(() => packets.forEach(say), 150 * i),
      );
    const { told, afterMs } = await webSocket(starling.intake, SUBMIT, talk);
    expect(told).toContain('One submission a connection.');
    expect(afterMs).toBeLessThan(4000);
  });

  // Kills: maxHttpBufferSize above 2 kB (its default is a megabyte); a head above 4 kB.
  it('[SUB13] more than 4 kB of head is 431, more than 2 kB of packet ends the connection at once', async () => {
    const [head] = await expectThrownOut([
      raw(`GET / HTTP/1.1\r\nHost: intake\r\nX-Long: ${'x'.repeat(5000)}\r\n\r\n`),
    ]);
    expect(head!.told).toMatch(/^HTTP\/1\.1 431 /);
    const large = await Promise.all([
      webSocket(starling.intake, SUBMIT, (say) => say(`42["x","${'x'.repeat(2100)}"]`)),
      webSocket(starling.intake, SUBMIT, (say) => {
        say(CONNECT);
        say(binaryEvent(1));
        say(Buffer.alloc(2049));
      }),
      webSocket(starling.intake, SUBMIT, (say) => {
        say(CONNECT);
        say(binaryEvent(11));
      }),
    ]);
    expect(large.filter(({ afterMs }) => afterMs > 4000)).toEqual([]);
    const body = await ask(`${starling.intake}/submit`, { body: { x: 'x'.repeat(2000) } });
    expect([400, 404, 413]).toContain(body.status);
  });

  it('[SUB14] nobody gets to /upload, or to a path that is not there, without a live permit', async () => {
    const submission = prepare(round, members.pop()!.tokens[0]!, PAYLOAD);
    const opened = await open(starling.intake, submission);
    if (!opened.ok || 'receipt' in opened) throw new Error('not opened');
    const uploadId = opened.permit.subarray(0, 16);
    const permitOf = (expiresAt: number, mac: Uint8Array): string =>
      Buffer.from(encodePermit({ uploadId, expiresAt, mac })).toString('hex');
    const later = Date.now() + 600_000;
    // By a deployment that has another permit key.
    const foreign = hmacSha256(random(32), permitMessage(random(32), uploadId, later));
    const valid = Buffer.from(opened.permit).toString('hex');
    const queries = ['', '&permit=', '&permit=zz', `&permit=${'00'.repeat(56)}`, `&permit=${permitOf(later, foreign)}`];
    queries.push(`&permit=${valid.slice(0, -2)}`, `&permit=${valid.slice(0, -2)}${valid.endsWith('00') ? '01' : '00'}`);
    const upload = (query: string) => ws(undefined, `/upload/?EIO=4&transport=websocket${query}`);
    const farewells = await expectThrownOut([
      ...queries.map(upload),
      ws(undefined, '/somewhere/?EIO=4&transport=websocket'),
      ws(undefined, '/socket.io/?EIO=4&transport=websocket'),
      ws(undefined, '/'),
    ]);
    for (const { told } of farewells) expect(told).not.toContain('"sid"');
    expect((await ask(`${starling.intake}/submit/?EIO=4&transport=polling`)).status).toBe(400);
    expect((await ask(`${starling.intake}/upload/?EIO=4&transport=polling`)).status).toBe(400);
    expect(told(await submit(starling.intake, submission))).toBe(receiptOf(submission));
  });

  it('[SUB15] above the cap on connections one more is turned away, and soon there is room again', async () => {
    const crowd = times(MAX_CONNECTIONS + 60, () => webSocket(starling.intake, SUBMIT, (say) => say(CONNECT)));
    const farewells = await Promise.all(crowd);
    expect(farewells.filter(({ afterMs }) => afterMs > PATIENCE_MS)).toEqual([]);
    const turnedAway = farewells.filter(({ told }) => !told.includes('"sid"'));
    expect(turnedAway.length).toBeGreaterThanOrEqual(60);
    expect(turnedAway.length).toBeLessThan(crowd.length);
    await expectHonestAccepted();
    expect(starling.log('intake 0')).toBe('');
  });
});
