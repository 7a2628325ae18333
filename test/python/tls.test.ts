import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type Server } from 'node:tls';

import { afterAll, beforeAll, expect, it } from '@jest/globals';

import { FIRST_EPOCH } from '../../libs/client/src/deployment.test-server.js';
import { TestStarling } from '../../libs/client/src/starling.test-server.js';
import { makeCertificate } from '../fixtures/certificates.js';
import { hasPython, runPython } from './python.js';

let folder: string;
let starling: TestStarling;
let certificate: Awaited<ReturnType<typeof makeCertificate>>;
const servers: Server[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'starling-python-tls-'));
  certificate = await makeCertificate(folder);
  starling = await TestStarling.start();
});
afterAll(async () => {
  for (const server of servers) server.close();
  await starling.close();
  await rm(folder, { recursive: true });
});

/** The same server behind TLS. */
async function behindTls(url: string): Promise<string> {
  const { TLS_CERT_FILE, TLS_KEY_FILE } = certificate.settings;
  const [cert, key] = await Promise.all([readFile(TLS_CERT_FILE), readFile(TLS_KEY_FILE)]);
  const server = createServer({ cert, key }, (socket) => {
    const behind = connect(Number(new URL(url).port), '127.0.0.1');
    socket.pipe(behind).pipe(socket);
    for (const end of [socket, behind]) end.on('error', () => (socket.destroy(), behind.destroy()));
  });
  server.on('tlsClientError', () => undefined);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

// Kills: a WebSocket or an HTTP connection that takes any certificate.
it('[PYC16] a device in Python speaks TLS, and trusts no certificate that nobody vouches for', async () => {
  if (!hasPython()) return;
  const { issuer, coordinator, intake, useCase, code, deploymentKey } = starling.settings;
  const addresses = {
    '--issuer': await behindTls(issuer),
    '--coordinator': await behindTls(coordinator),
    '--intake': await behindTls(intake),
  };
  const settings = ['--store', join(folder, 'store'), '--poll', '0.05', ...Object.entries(addresses).flat()];
  const device = [
    'tests/one_hot_device.py',
    '--coordinate',
    '0',
    '--value',
    '1',
    useCase,
    code,
    deploymentKey,
    ...settings,
  ];
  const trusting = { SSL_CERT_FILE: certificate.caFile };

  expect(await runPython([...device, '--rounds', '0'])).toMatchObject({
    code: 1,
    out: expect.stringContaining('unreachable'),
  });
  expect(starling.issuer.http.requests).toHaveLength(0);
  const connecting = `from starling_client.websocket import WebSocket; WebSocket("${addresses['--intake']}", "/submit/", 5)`;
  expect((await runPython(['-c', connecting])).err).toContain('certificate verify failed');
  expect(await runPython([...device, '--rounds', '0'], trusting)).toMatchObject({ code: 0, err: '' });
  starling.coordinator.open(starling.deployment.record(FIRST_EPOCH, 0));
  expect(await runPython(device, trusting)).toEqual({ code: 0, err: '', out: expect.stringContaining('"accepted"') });
  expect(starling.intake.handshakes).toHaveLength(2);
});
