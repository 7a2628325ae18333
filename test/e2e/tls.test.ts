import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ed25519 } from '@noble/curves/ed25519.js';

import { makeCertificate } from '../fixtures/certificates.js';
import { commandsOf } from '../fixtures/admin-command.js';
import { startStarling, type TestStarling } from '../fixtures/starling.js';

let starling: TestStarling;
let folder: string;
let certificate: Awaited<ReturnType<typeof makeCertificate>>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'starling-tls-'));
  certificate = await makeCertificate(folder);
  const { settings } = certificate;
  starling = await startStarling({ issuers: [settings], intakes: [settings], coordinator: settings });
}, 120_000);
afterAll(async () => {
  await starling.stop();
  await rm(folder, { recursive: true });
});

const secure = (url: string): string => url.replace('http:', 'https:');

/** Connects, asks for something, and waits for what TLS 1.3 sends after the handshake. */
async function session(url: string, from?: Buffer): Promise<{ tickets: Buffer[]; isReused: boolean }> {
  const socket: TLSSocket = connect({
    host: '127.0.0.1',
    port: Number(new URL(url).port),
    ca: certificate.ca,
    ...(from === undefined ? {} : { session: from }),
  });
  const tickets: Buffer[] = [];
  socket.on('session', (ticket) => tickets.push(ticket));
  await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
  const isReused = socket.isSessionReused();
  socket.write('GET /health HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n');
  for await (const _ of socket);
  return { tickets, isReused };
}

const health = (url: string, options: object): Promise<unknown> =>
  new Promise((resolve) => {
    get(`${secure(url)}/health`, { agent: false, ...options }, (answer) => {
      answer.resume();
      resolve({ status: answer.statusCode, hsts: answer.headers['strict-transport-security'] });
    }).on('error', (error: NodeJS.ErrnoException) => resolve(error.code));
  });

describe('with a certificate', () => {
  it('[SEC8] all three speak TLS only, checked by who connects, and tell browsers so', async () => {
    for (const url of [starling.issuer, starling.intake, starling.coordinator]) {
      expect(await health(url, { ca: certificate.ca })).toEqual({ status: 200, hsts: 'max-age=15552000' });
      expect(await health(url, {})).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
      expect(await health(url, { ca: certificate.ca, maxVersion: 'TLSv1.1', minVersion: 'TLSv1' })).toEqual(
        expect.any(String),
      );
      await expect(fetch(`${url}/health`)).rejects.toThrow('fetch failed');
    }
  });

  // Kills: Node's default, under which every client gets tickets and a device that uses one is known again.
  it('[SEC8] no session is resumed', async () => {
    for (const url of [starling.issuer, starling.intake, starling.coordinator]) {
      const first = await session(url);
      for (const ticket of first.tickets) expect((await session(url, ticket)).isReused).toBe(false);
    }
  });

  it('[SEC8] a command and a device from enrolment to receipt, over https and wss', async () => {
    const trusting = { NODE_EXTRA_CA_CERTS: certificate.caFile };
    const command = commandsOf({ ...starling, coordinator: secure(starling.coordinator) }, trusting);
    expect(await command('use-case', 'list', '--json')).toMatchObject({ code: 0 });
    const distrusting = commandsOf({ ...starling, coordinator: secure(starling.coordinator) });
    expect(await distrusting('use-case', 'list', '--json')).toMatchObject({ code: 3 });

    const signingKey = await readFile(join(starling.directory, 'signing.key'));
    const deploymentKey = Buffer.from(ed25519.getPublicKey(signingKey)).toString('hex');
    const answer = await new Promise((resolve) => {
      const script = fileURLToPath(new URL('../fixtures/tls-device.fixture.js', import.meta.url));
      const env = { PATH: process.env['PATH'], ...trusting };
      const [issuer, intake, coordinator] = [starling.issuer, starling.intake, starling.coordinator].map(secure);
      const plan = JSON.stringify({ issuer, intake, coordinator, deploymentKey, apiKey: starling.researcher.apiKey });
      execFile(process.execPath, [script, plan], { env }, (_, out, error) => resolve(out || error));
    });
    expect(answer).toBe('accepted\n');
  }, 60_000);
});

describe('without one of the two files', () => {
  it('[SEC8] nothing starts', async () => {
    const half = { TLS_CERT_FILE: certificate.settings.TLS_CERT_FILE };
    await expect(startStarling({ intakes: [half], without: ['issuer', 'worker', 'coordinator'] })).rejects.toThrow(
      'intake',
    );
  }, 60_000);
});
