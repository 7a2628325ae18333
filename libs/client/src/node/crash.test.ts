import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { Device } from '../device.js';
import { TestStarling } from '../starling.test-server.js';
import { Wallet } from '../wallet.js';
import { nodePlatform } from './node-platform.js';

const ALL = process.env['STARLING_K'] === 'full';
const script = fileURLToPath(new URL('./crashing-device.fixture.js', import.meta.url));

let starling: TestStarling;
let root: string;
beforeAll(async () => {
  starling = await TestStarling.start({ batch: 1, layout: [{ name: 'w', shape: [300] }] });
  root = await mkdtemp(join(tmpdir(), 'starling-crash-'));
  starling.coordinator.open(starling.deployment.record(5, 0));
});
afterAll(async () => {
  await starling.close();
  await rm(root, { recursive: true });
});

/** The round is open before the tokens are fetched: this saves a conversation with the child. */
const settings = () => ({ ...starling.settings, neverFetchAndSpend: false });

/** Runs a device until it is killed; the points it passed where it was not. */
function live(directory: string, killAt: number): Promise<{ killed: boolean; passed: string[] }> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [script, JSON.stringify(settings()), directory, String(killAt)], (error, out, err) => {
      if (error?.signal === 'SIGKILL') return resolve({ killed: true, passed: [] });
      if (error !== null) return reject(new Error(err));
      resolve({ killed: false, passed: JSON.parse(out) as string[] });
    });
  });
}

/** Starts the device again, in this process, and lets it finish. */
async function liveAgain(directory: string, slots: number = 1): Promise<{ wallet: Wallet; close: () => void }> {
  const platform = nodePlatform({ directory });
  const device = await Device.enrol(settings(), platform);
  await device.prefetch({ slots });
  await device.participate(({ parameters }) => parameters.map((value) => value + Math.random() / 100));
  return { wallet: await Wallet.open(platform.store), close: () => platform.close() };
}

/** What issuer and intake have counted so far. */
const counts = () => ({
  devices: starling.issuer.devices.size,
  issued: starling.issuer.issued,
  accepted: starling.intake.accepted.size,
  transcripts: new Set(starling.intake.opened).size,
});

describe('kill -9', () => {
  // Kills: sending before storing, anywhere; blinding, training or enrolling anew after a crash.
  it('[DEV22] before or after anything is stored or sent: one device, each token charged once, one update, none wasted', async () => {
    const { passed } = await live(join(root, 'whole'), -1);
    const killed: string[] = [];
    for (const [n, point] of passed.entries()) {
      // What is after one thing is before the next: nothing happens in between. All of them where all is measured.
      if (n > 0 && !ALL && point.startsWith('before')) continue;
      const [directory, before] = [join(root, String(n)), counts()];
      if ((await live(directory, n)).killed) killed.push(point);
      const { wallet, close } = await liveAgain(directory);
      const after = counts();
      const difference = {
        point,
        devices: after.devices - before.devices,
        issued: after.issued - before.issued,
        accepted: after.accepted - before.accepted,
        transcripts: after.transcripts - before.transcripts,
        settled: wallet.tokens.flatMap(({ uses }) => uses.filter(({ settled }) => settled !== undefined)).length,
        marked: wallet.tokens.flatMap(({ uses }) => uses).length,
        lost: wallet.covered.length - wallet.tokens.length,
      };
      const once = { devices: 1, issued: 1, accepted: 1, transcripts: 1, settled: 1, marked: 1, lost: 0 };
      expect(difference).toEqual({ point, ...once });
      await wallet.forgetBefore(6);
      close();
      // What the killed one held of its folder is gone, too.
      expect(await readdir(directory)).toEqual(['log', 'wallet']);
    }
    expect(killed).toEqual(ALL ? passed : passed.filter((point, n) => n === 0 || point.startsWith('after')));
    // Before the batch is stored, stored and not sent, sent and not answered, answered and not stored, stored and
    // not marked, marked and not sent, sent and not answered, answered and not stored, stored and not forgotten.
    expect(passed.filter((point) => point.startsWith('after')).map((point) => point.slice(6, 26))).toEqual([
      ...['GET manifest', 'GET head', 'GET 0', 'write log', 'write wallet', 'POST devices', 'write wallet'],
      ...['GET manifest', 'GET head', 'GET slots', 'write wallet', 'POST tokens', 'write wallet'],
      ...['GET round', 'GET head', expect.stringMatching(/^GET [0-9a-f]{16}/), 'write update-5-0-0', 'write wallet'],
      ...['connect /submit', 'emit submit:open', 'connect /upload', 'emit upload:chunk', 'emit upload:chunk'],
      ...['emit upload:commit', 'write wallet', 'remove update-5-0-0'],
    ]);
  }, 180_000);

  it('[DEV22] with the round over meanwhile: at most the one token is wasted, and no other update leaves', async () => {
    const { passed } = await live(join(root, 'late'), -1);
    const marked = passed.lastIndexOf('after write wallet', passed.indexOf('before connect /submit'));
    const directory = join(root, 'late-killed');
    const before = counts();
    expect((await live(directory, marked)).killed).toBe(true);
    starling.coordinator.open(starling.deployment.record(5, 1));
    const { wallet, close } = await liveAgain(directory, 2);
    close();
    expect(counts().accepted - before.accepted).toBe(1);
    expect(counts().transcripts - before.transcripts).toBe(1);
    expect(wallet.tokens.map(({ slot, uses }) => [slot, uses.map(({ settled }) => settled !== undefined)])).toEqual([
      [0, [false]],
      [1, [true]],
    ]);
  });
});
