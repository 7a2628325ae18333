import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ed25519 } from '@noble/curves/ed25519.js';
import type { Browser, BrowserContext, Page } from 'playwright-core';

import { startStarling, type TestStarling } from '../fixtures/starling.js';
import { awaitOpenRound } from '../fixtures/submission.js';
import { launchBrowser } from './chromium.js';
import { servePage } from './page-server.js';

let page: Page;
let context: BrowserContext;
let browser: Browser;
let starling: TestStarling;
let server: Awaited<ReturnType<typeof servePage>>;
let settings: string;
let useCase: string;
const complaints: string[] = [];

beforeAll(async () => {
  server = await servePage();
  const allowed = { ALLOWED_ORIGINS: `http://127.0.0.1:${server.port}` };
  starling = await startStarling({ issuers: [allowed], coordinator: allowed });
  const manifest = await starling.researcher.createUseCase();
  useCase = manifest.useCase;
  const { issuer, coordinator, intake } = starling;
  const signingKey = await readFile(join(starling.directory, 'signing.key'));
  const deploymentKey = Buffer.from(ed25519.getPublicKey(signingKey)).toString('hex');
  const code = await starling.researcher.enrolmentCode(useCase, 5);
  settings = JSON.stringify({ issuer, coordinator, intake, useCase, code, deploymentKey });
  browser = await launchBrowser();
  context = await browser.newContext();
  page = await openPage('127.0.0.1');
  page.on('pageerror', (error) => complaints.push(error.message));
}, 120_000);
afterAll(async () => {
  await browser.close();
  await starling.stop();
  server.close();
});

async function openPage(host: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`http://${host}:${server.port}/`);
  await page.waitForFunction('window.ready');
  return page;
}

const call = (name: string, on: Page = page): Promise<unknown> => on.evaluate(`window.${name}(${settings})`);

const isInUse = (result: unknown): boolean => (result as { code?: string } | null)?.code === 'store_in_use';

/** Without a browser nothing can be shown. Where everything must be, that is a failure. */
describe('a device in a browser', () => {
  it('[DEV25] enrols and fetches tokens, and still has them when the page is loaded again', async () => {
    expect(await call('prefetch')).toBe(4);
    const before = await call('held');
    await page.reload();
    await page.waitForFunction('window.ready');
    expect(await call('held')).toEqual(before);
    expect(before).toMatchObject({ slots: [0, 1, 2, 3] });
    expect(await call('prefetch')).toBe(0);
  });

  it('[DEV25] takes part in a round of the real processes, and its update is counted', async () => {
    const [round] = await starling.researcher.startRounds(useCase, { min: 1, target: 1 });
    await awaitOpenRound(starling.coordinator, useCase);
    expect(await call('participate')).toBe('accepted');
    const published = await starling.researcher.awaitRound(round!, 'published');
    expect(published.accepted).toBe(1);
    expect(complaints).toEqual([]);
  });

  // Kills: two tabs with the same tokens, each marking them in a memory of its own.
  it('[DEV25] is one tab at a time', async () => {
    const other = await openPage('127.0.0.1');
    await other.evaluate('window.stay()');
    expect(await call('participate')).toMatchObject({ code: 'store_in_use' });
    await other.close();
    let result = await call('prefetch');
    for (; isInUse(result); result = await call('prefetch')) await sleep(50);
    expect(result).toEqual(expect.any(Number));
  });

  // Kills: answering every origin.
  it('[DEV26] on a page that the deployment does not name gets no answer', async () => {
    const stranger = await openPage('localhost');
    expect(await call('prefetch', stranger)).toMatchObject({ code: 'unreachable' });
    await stranger.close();
    const preflight = (origin: string) =>
      fetch(`${starling.issuer}/v1/devices`, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' },
      });
    const { headers } = await preflight(`http://127.0.0.1:${server.port}`);
    expect(headers.get('access-control-allow-origin')).toBe(`http://127.0.0.1:${server.port}`);
    expect(headers.get('access-control-allow-headers')).not.toContain('authorization');
    expect(headers.get('access-control-allow-credentials')).toBeNull();
    expect((await preflight('http://elsewhere.example')).headers.get('access-control-allow-origin')).toBeNull();
  });
});
