import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';

import { Device } from '#client';
import { nodePlatform } from '#client/node';
import { encodeSafetensors, unflatten } from '#learning';
import { payloadLength, type Manifest } from '#protocol';

import { loadDigits, selectExamples, toInput } from '../../apps/fleet/src/data/index.js';
import { glorotUniform, perceptron } from '../../apps/fleet/src/training/models.js';
import { deploymentKeyOf } from '../fixtures/public-starling.js';
import type { TestStarling } from '../fixtures/starling.js';
import { barriers } from './axe.js';
import { faultsOfLooks, joinTask, shot, TakePartScene } from './take-part-scene.js';
import type { WatchedPage } from './watched-page.js';

const PAGES = 4;
const OTHERS = 3;
const EACH = 48;
const { topology, layout } = perceptron('small', 784, [16], 10);

let scene: TakePartScene;
let starling: TestStarling;
let manifest: Manifest;
let code: string;
let folder: string;
let files: string[];
/** rows of the files, as float32 bytes and as text */
let secrets: Buffer[];

beforeAll(async () => {
  const initial = encodeSafetensors(unflatten(glorotUniform(layout, 1, 'take-part'), layout));
  scene = await TakePartScene.open(async (researcher) => ({
    title: 'Handwritten digits',
    layout,
    kMin: 3,
    clip: 1,
    scale: 65_536,
    jitterMs: 300,
    topology: await researcher.upload(Buffer.from(JSON.stringify(topology))),
    initialModel: await researcher.upload(initial),
  }));
  ({ starling, manifest } = scene);
  code = await scene.code(PAGES + OTHERS);
  folder = await mkdtemp(join(tmpdir(), 'starling-examples-'));
  await writeFiles();
}, 180_000);
afterAll(async () => {
  await scene?.close();
  await rm(folder, { recursive: true, force: true });
});

/** A file for each page, in each of the forms that it reads. */
async function writeFiles(): Promise<void> {
  const digits = await loadDigits(folder);
  [files, secrets] = [[], []];
  for (let i = 0; i < PAGES; i++) {
    const chosen = Array.from({ length: EACH }, (_, k) => (k * 199 + i * 17) % digits.labels.length);
    const { inputs: pixels, labels } = selectExamples(digits, chosen);
    const inputs = toInput(pixels);
    const rows = labels.reduce<number[][]>((all, _, k) => [...all, [...inputs.subarray(k * 784, (k + 1) * 784)]], []);
    const csv = rows.map((row, k) => [...row, labels[k]].join(',')).join('\n');
    const tensors = [
      { name: 'inputs', shape: [EACH, 28, 28, 1], data: inputs },
      { name: 'labels', shape: [EACH], data: Float32Array.from(labels) },
    ];
    const forms: [string, string | Uint8Array][] = [
      ['json', JSON.stringify({ inputs: rows, labels: [...labels] })],
      ['csv', csv],
      ['safetensors', encodeSafetensors(tensors)],
    ];
    const [form, content] = forms[i % forms.length]!;
    files.push(join(folder, `examples-${i}.${form}`));
    await writeFile(files[i]!, content);
    const busiest = inputs.subarray(300, 460);
    secrets.push(Buffer.from(Uint8Array.from(pixels.subarray(300, 460))));
    secrets.push(Buffer.from(Float32Array.from(busiest).buffer), Buffer.from([...busiest].join(',')));
  }
}

/** Devices of the test: they nudge every number a little. */
async function others(): Promise<Device[]> {
  const { issuer, coordinator, intake } = starling;
  const deploymentKey = await deploymentKeyOf(starling);
  const settings = { issuer, coordinator, intake, useCase: manifest.useCase, code, deploymentKey };
  const devices = await Promise.all(Array.from({ length: OTHERS }, () => Device.enrol(settings, nodePlatform({}))));
  for (const device of devices) await device.prefetch();
  return devices;
}

describe('the page that takes part', () => {
  it('[TKP1] says in plain words what will happen, before anything does, and keeps the code out of the address bar', async () => {
    const { page, sent, complaints } = await scene.openLink(code);
    expect(page.url()).toBe(`${starling.coordinator}/take-part/`);
    const text = await page.locator('main').innerText();
    const parameters = layout.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
    expect(text).toContain(`A model of ${parameters.toLocaleString('en')} numbers`);
    expect(text).toContain('Cut down to a size of 1');
    expect(text).toContain('Without noise');
    expect(text).toContain('What never leaves it');
    const key = await page.getByLabel(/^Deployment key/).innerText();
    expect(key.replaceAll(/\s/g, '')).toMatch(/^[0-9a-f]{64}$/);
    // Only the page itself, and what everybody asks alike: no code, nothing to issuer or intake.
    expect(sent.every(({ url }) => url.startsWith(`${starling.coordinator}/`))).toBe(true);
    expect(sent.some(({ url, body }) => `${url}${body.toString('latin1')}`.includes(code))).toBe(false);
    expect(complaints).toEqual([]);
    await page.context().close();
  }, 120_000);

  // Kills: credentials that ride along, a worker or a library that phones home, examples in a request, a page that invents its receipt.
  it('[TKP2] trains in four browsers for real, and their updates make a model together with other devices', async () => {
    const pages = await Promise.all(Array.from({ length: PAGES }, () => scene.openLink(code)));
    for (const { page } of pages) await joinTask(page);
    for (const [i, { page }] of pages.entries()) {
      await page.locator('#examples-file').setInputFiles(files[i]!);
      await page.getByText(`${EACH} examples`).waitFor();
      await page.getByRole('button', { name: 'Start' }).click();
    }
    const devices = await others();
    const all = PAGES + OTHERS;
    const [round] = await starling.researcher.startRounds(manifest.useCase, { min: all, target: all });
    const train = ({ parameters }: { parameters: Float32Array }) => parameters.map((value) => value + 2 ** -10);
    const nudging = devices.map(async (device) => {
      for (;;) if ((await device.participate(train)).outcome === 'accepted') return;
    });
    await Promise.all(nudging);
    const published = await starling.researcher.awaitRound(round!, 'published', 150_000);
    expect(published.accepted).toBe(all);
    for (const { page, complaints } of pages) {
      await page.getByText(`as one of ${all} updates`).waitFor({ timeout: 30_000 });
      expect(await page.locator('.receipt').innerText()).toMatch(/^[0-9a-f]{64}$/);
      // The browser itself notes each answer that no round is open.
      expect(complaints.filter((text) => !text.includes('status of 404'))).toEqual([]);
    }
    await shot(pages[0]!.page, 'counted-light-wide');
    await pages[1]!.page.emulateMedia({ colorScheme: 'dark' });
    await pages[1]!.page.setViewportSize({ width: 375, height: 800 });
    expect(await barriers(pages[1]!.page)).toEqual([]);
    await shot(pages[1]!.page, 'counted-dark-phone');
    for (const { page, sent } of pages) {
      checkIntake(sent);
      await checkNothingElseLeft(page, sent);
      await page.context().close();
    }
    for (const device of devices) device.close();
  }, 300_000);

  /** Nothing that says who this is goes to intake, and no more than one update. */
  function checkIntake(sent: WatchedPage['sent']): void {
    const { host } = new URL(starling.intake);
    const toIntake = sent.filter(({ url }) => new URL(url).host === host);
    expect(toIntake.length).toBeGreaterThan(3);
    for (const { url, headers, body } of toIntake) {
      expect(Object.keys(headers).filter((name) => /cookie|authorization|referer|starling/.test(name))).toEqual([]);
      expect(`${url}${body.toString('latin1')}`).not.toContain(code);
    }
    const bytes = toIntake.reduce((sum, { body }) => sum + body.length, 0);
    expect(bytes).toBeGreaterThan(payloadLength(manifest));
    expect(bytes).toBeLessThan(payloadLength(manifest) + 4096);
  }

  async function checkNothingElseLeft(page: Page, sent: WatchedPage['sent']): Promise<void> {
    const { deviceId } = (await page.evaluate(WALLET_IDENTITY)) as { deviceId: string };
    const { host } = new URL(starling.intake);
    for (const { url, headers, body } of sent) {
      for (const secret of secrets) expect(body.includes(secret)).toBe(false);
      const isIntake = new URL(url).host === host;
      if (isIntake) expect(`${url}${JSON.stringify(headers)}${body.toString('latin1')}`).not.toContain(deviceId);
      expect([starling.issuer, starling.coordinator, starling.intake].map((base) => new URL(base).host)).toContain(
        new URL(url).host,
      );
    }
  }

  it('[TKP3] takes drawings by pointer, keeps them over a reload, deletes them, and forgets everything when left', async () => {
    const last = await scene.code(1);
    const { page, complaints } = await scene.openLink(last, { viewport: { width: 375, height: 740 } });
    await joinTask(page);
    await draw(page);
    await page.getByRole('radio', { name: '7' }).check();
    await page.getByRole('button', { name: 'Keep as 7' }).click();
    await page.getByText('1 example of 784 numbers each').waitFor();
    await page.reload();
    await page.getByText('1 example of 784 numbers each').waitFor();
    expect(await page.evaluate(DRAWING)).toMatchObject({ label: 7, centred: true, side: 20 });

    await page.locator('#examples-file').setInputFiles({
      name: 'wrong.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from('1,2,3\n4,5,6\n'),
    });
    await page.getByText('Line 1 has 2 numbers, and this model takes 784.').waitFor();
    await page.getByRole('button', { name: 'Delete all examples' }).click();
    await page.getByText('No examples yet.').waitFor();
    await page.getByRole('button', { name: 'Leave …' }).click();
    await page.getByRole('button', { name: 'Delete everything' }).click();
    await page.getByRole('heading', { name: 'You have left' }).waitFor();
    expect(await page.evaluate('indexedDB.databases()')).toEqual([]);
    expect(complaints).toEqual([]);

    // The code has been used as often as it may: whoever comes now is told, and what to do.
    await page.goto('about:blank');
    await page.goto(scene.linkOf(last));
    await page.getByRole('checkbox').check();
    await page.getByRole('button', { name: 'Take part' }).click();
    await page.getByRole('heading', { name: 'This link lets nobody in any more' }).waitFor();
    await page.context().close();
  }, 120_000);

  it('[TKP4] keeps nobody out: axe-core finds nothing serious, in light and dark, on a phone and wide', async () => {
    const { page } = await scene.openLink(await scene.code(1));
    expect(await faultsOfLooks(page, 'consent')).toEqual([]);
    await joinTask(page);
    await draw(page);
    await page.getByRole('button', { name: 'Keep as 0' }).click();
    await draw(page);
    expect(await faultsOfLooks(page, 'joined')).toEqual([]);
    await page.context().close();
  }, 180_000);
});

/** A stroke down and to the right. */
async function draw(page: Page): Promise<void> {
  const pad = page.getByRole('img', { name: 'Drawing area' });
  await pad.scrollIntoViewIfNeeded();
  const { x, y, width } = (await pad.boundingBox())!;
  await page.mouse.move(x + 0.3 * width, y + 0.3 * width);
  await page.mouse.down();
  await page.mouse.move(x + 0.7 * width, y + 0.3 * width, { steps: 5 });
  await page.mouse.move(x + 0.5 * width, y + 0.8 * width, { steps: 5 });
  await page.mouse.up();
}

const valueOf = (database: string, name: string): string => `new Promise((resolve) => {
  const opened = indexedDB.open(${database});
  opened.onsuccess = () => {
    const got = opened.result.transaction('values').objectStore('values').get(${JSON.stringify(name)});
    got.onsuccess = () => { opened.result.close(); resolve(got.result); };
  };
})`;

/** What the device library keeps of its identity; the page's own database is the other one. */
const WALLET_IDENTITY = `(async () => {
  const { name } = (await indexedDB.databases()).find(({ name }) => name !== 'starling take-part');
  const bytes = await ${valueOf('name', 'wallet')};
  return JSON.parse(new TextDecoder().decode(bytes)).identity;
})()`;

const DRAWING = `(async () => {
  const { inputs, labels } = await ${valueOf("'starling take-part'", 'examples')};
  const inked = [...inputs.keys()].filter((i) => inputs[i] > 0.1);
  const mass = inputs.reduce((sum, v) => sum + v, 0);
  const x = inputs.reduce((sum, v, i) => sum + v * (i % 28), 0) / mass;
  const rows = inked.map((i) => Math.floor(i / 28)), columns = inked.map((i) => i % 28);
  const side = Math.max(Math.max(...rows) - Math.min(...rows), Math.max(...columns) - Math.min(...columns)) + 1;
  return { label: labels[0], centred: Math.abs(x - 13.5) < 1.5, side: Math.abs(side - 20) <= 1 ? 20 : side };
})()`;
