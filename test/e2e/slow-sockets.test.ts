import { once } from 'node:events';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { io } from 'socket.io-client';

import type { Manifest } from '#protocol';

import { ask, codeOf } from '../fixtures/http.js';
import { pick } from '../fixtures/researcher.js';
import { startStarling, type TestStarling } from '../fixtures/starling.js';
import { CONNECT, rawConnection, SUBMIT, webSocket, type Farewell } from '../fixtures/stranger.js';

/** Ten seconds are promised; what a busy machine adds is not the stranger's doing. */
const PATIENCE_MS = 15_000;
const MAX_CONNECTIONS = 20;
const EVENTS = '/socket.io/?EIO=4&transport=websocket';

let starling: TestStarling;
let manifest: Manifest;

beforeAll(async () => {
  starling = await startStarling({ coordinator: { MAX_CONNECTIONS: `${MAX_CONNECTIONS}` }, without: ['worker'] });
  // More than the system keeps for who does not read.
  manifest = await starling.researcher.createUseCase({ layout: [{ name: 'w', shape: [4_000_000] }] });
}, 120_000);
afterAll(() => starling.stop());

/** Sends the beginning at once and then two bytes a second. */
async function drip(url: string, beginning: string, drop: string = '  '): Promise<number> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  socket.on('error', () => undefined);
  socket.resume();
  const since = performance.now();
  socket.write(beginning);
  const drops = setInterval(() => socket.write(drop), 1000);
  const patience = setTimeout(() => socket.destroy(), PATIENCE_MS + 1000);
  await once(socket, 'close');
  clearTimeout(patience);
  clearInterval(drops);
  return performance.now() - since;
}

const post = (path: string): string =>
  `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"a":`;

/** Asks and reads nothing, until the other side has enough of it. */
async function deafDownload(): Promise<number> {
  const { hostname, port } = new URL(starling.coordinator);
  const models = await starling.researcher.call(`/models?useCase=${manifest.useCase}`);
  const [{ digest }] = models.json as [{ digest: string }];
  const socket = connect({ host: hostname, port: Number(port) });
  const since = performance.now();
  const failed = once(socket, 'error');
  const patience = setTimeout(() => socket.destroy(), PATIENCE_MS + 1000);
  socket.pause();
  socket.write(`GET /v1/models/${digest} HTTP/1.1\r\nHost: x\r\n\r\n`);
  // Without reading, the end of a connection is only noticed by writing to it.
  const probe = setInterval(() => socket.write('\r\n'), 500);
  await Promise.race([failed, once(socket, 'close')]).catch(() => undefined);
  clearInterval(probe);
  clearTimeout(patience);
  socket.destroy();
  return performance.now() - since;
}

describe('compression', () => {
  // Kills: perMessageDeflate on; a body parser that inflates.
  it('[FUZ4] is neither agreed to nor undone', async () => {
    const body = gzipSync(JSON.stringify({ a: '0'.repeat(100_000) }));
    for (const url of [starling.issuer, starling.coordinator, starling.intake]) {
      const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
      expect(codeOf(await ask(`${url}/v1/devices`, { body: new Uint8Array(body), headers }))).toBe('malformed_message');
    }
    for (const [url, path] of [
      [starling.coordinator, EVENTS],
      [starling.intake, SUBMIT],
    ] as const) {
      const offer =
        `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${'A'.repeat(22)}==\r\n` +
        'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n';
      const { told } = await rawConnection(url, offer);
      expect(told).toMatch(/^HTTP\/1.1 101 /);
      expect(told.toLowerCase()).not.toContain('permessage-deflate');
    }
  });
});

describe('slow and silent connections', () => {
  // Kills: no pace for bodies (a coordinator waited fifteen minutes for one); no idle time-out.
  it('[LOD4] who stalls, drips or does not read is thrown out of every process within ten seconds', async () => {
    const { issuer, coordinator, intake } = starling;
    const stalled = [issuer, coordinator, intake].flatMap((url) => [
      rawConnection(url),
      rawConnection(url, 'GET /health HTTP/1.1\r\nHost: x\r\n'),
      rawConnection(url, post('/v1/devices')),
      rawConnection(url, 'GET /health HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\n\r\n'),
    ]);
    const dripping = [issuer, coordinator, intake].flatMap((url) => [
      drip(url, post('/v1/devices')),
      drip(url, post('/v1/blobs').replace('json', 'octet-stream')),
      drip(url, 'GET /health HTTP/1.1\r\nHost: x\r\n\r\n', '\r\n'),
    ]);
    const listening = [undefined, CONNECT, '40/events,', '40/nowhere,'].map((said) =>
      webSocket(coordinator, EVENTS, (say) => said !== undefined && say(said)),
    );
    const farewells: Farewell[] = await Promise.all([...stalled, ...listening]);
    const times = [...farewells.map(({ afterMs }) => afterMs), ...(await Promise.all(dripping))];
    expect(times.filter((ms) => ms > PATIENCE_MS)).toEqual([]);
    expect(await deafDownload()).toBeLessThan(PATIENCE_MS);
    expect(pick(await ask(`${coordinator}/health`), 'status')).toBe('ok');
  });

  // Kills: no cap on listeners; answering what they say.
  it('[LOD6] listeners have a cap, and say nothing', async () => {
    const talker = io(`${starling.coordinator}/events`, { transports: ['websocket'], reconnection: false });
    await once(talker as never, 'connect');
    talker.emit('round:opened', {});
    await once(talker as never, 'disconnect');
    const crowd = Array.from({ length: MAX_CONNECTIONS + 10 }, () =>
      webSocket(starling.coordinator, EVENTS, (say) => say('40/events,')),
    );
    const turnedAway = (await Promise.all(crowd)).filter(({ told }) => !told.includes('"sid"'));
    expect(turnedAway).toHaveLength(10);
    expect(codeOf(await ask(`${starling.coordinator}/v1/rounds/nothing`))).toBe('malformed_message');
    expect(starling.log('coordinator')).toBe('');
  });
});
