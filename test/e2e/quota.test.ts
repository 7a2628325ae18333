import { createServer, connect, type AddressInfo, type Server } from 'node:net';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { Manifest } from '#protocol';

import { TestDevice } from '../fixtures/device.js';
import { codeOf } from '../fixtures/http.js';
import { startStarling, type TestStarling } from '../fixtures/starling.js';

const QUOTA = 32;
const SLOTS = 64;

let starling: TestStarling;
let manifest: Manifest;
let code: string;

beforeAll(async () => {
  starling = await startStarling({ intakes: [], issuers: [{}, {}, {}, {}], without: ['worker'] });
  manifest = await starling.researcher.createUseCase({ slots: SLOTS, quota: QUOTA });
  code = await starling.researcher.enrolmentCode(manifest.useCase);
}, 120_000);
afterAll(() => starling.stop());

const issuanceOf = async (device: TestDevice): Promise<number> => {
  const { rows } = await starling.database.admin.query<{ n: number }>(
    'select count(*)::int as n from identity.issuance where device_id = $1',
    [device.id],
  );
  return rows[0]!.n;
};

describe('the quota', () => {
  // Kills: a quota that is read, then written; a quota each process counts by itself.
  it('[ISS11] 256 requests at once to four issuers for 64 slots get 32 tokens, no more', async () => {
    const device = await TestDevice.enrolled({ issuer: starling.issuers[0]!, manifest, code });
    const { epoch } = await device.window();
    const batches = Array.from({ length: SLOTS }, (_, slot) => device.blind(epoch, [slot]));
    const answers = await Promise.all(
      starling.issuers.flatMap((issuer) => batches.map((batch) => device.with({ issuer }).request(batch))),
    );
    expect(answers).toHaveLength(256);
    const granted = new Set(answers.filter(({ status }) => status === 200).map(({ text }) => text));
    const refused = new Set(answers.filter(({ status }) => status !== 200).map(codeOf));
    expect(granted.size).toBe(QUOTA);
    expect([...refused]).toEqual(['quota_exhausted']);
    expect(await issuanceOf(device)).toBe(QUOTA);
  });

  it('[ISS11] a slot that comes twice in one request is refused and costs nothing', async () => {
    const device = await TestDevice.enrolled({ issuer: starling.issuers[0]!, manifest, code });
    const { epoch } = await device.window();
    for (const slots of [
      [3, 3],
      [4, 3],
    ]) {
      expect(codeOf(await device.request(device.blind(epoch, slots)))).toBe('malformed_message');
    }
    expect(await issuanceOf(device)).toBe(0);
  });

  // Kills: answering before the commit; evaluating anew (with a new nonce) what was answered before.
  it('[ISS11] an issuer killed after its commit and before its answer charged once, and answers the same again', async () => {
    const device = await TestDevice.enrolled({ issuer: starling.issuers[0]!, manifest, code });
    const { epoch } = await device.window();
    const batch = device.blind(epoch, [0, 1, 2]);
    const line = await cutBeforeAnswer(starling.issuers[1]!, () => starling.kill('issuer 1'));
    await expect(device.with({ issuer: line.url }).request(batch)).rejects.toBeDefined();
    line.close();
    expect(await issuanceOf(device)).toBe(3);

    const answers = await Promise.all(
      [0, 2, 3].map((i) => device.with({ issuer: starling.issuers[i]! }).request(batch)),
    );
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(device.finalize(batch, answers[0]!)).toHaveLength(3);
    expect(await issuanceOf(device)).toBe(3);
  });
});

/** A line to `url` that carries questions; at the first byte of an answer it calls `kill` and is cut. */
async function cutBeforeAnswer(url: string, kill: () => void): Promise<{ url: string; close: () => Server }> {
  const { hostname, port } = new URL(url);
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    near.pipe(far);
    near.on('error', () => {});
    far.on('error', () => {});
    far.once('data', () => {
      kill();
      near.destroy();
      far.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}
