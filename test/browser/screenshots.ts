import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import type { Page } from 'playwright-core';

import { startTestServer } from '../fixtures/postgres.js';
import { launchBrowser } from './chromium.js';
import { Scene, windowOf } from './scene.js';

/*
 * `npm run screenshots -- [folder] [part of a name]`: every page, light and dark, wide and as a phone shows it, of real
 * processes with real rounds.
 */

const [folder = 'docs/images/pages', only = ''] = process.argv.slice(2);
const SIZES = { wide: { width: 1280, height: 900 }, phone: { width: 375, height: 812 } } as const;

const MOST_HIGH = 1500;

interface Shot {
  readonly name: string;
  readonly address: string;
  /** what must be seen before the shutter opens */
  readonly until: string;
  readonly before?: (page: Page) => Promise<unknown>;
  /** as somebody who has not signed in */
  readonly isStranger?: true;
}

const stopServer = await startTestServer();
const scene = await Scene.open();
const browser = await launchBrowser();
const ann = await scene.person('ann', 'owner');
try {
  await mkdir(folder, { recursive: true });
  for (const shot of await stage()) {
    if (!shot.name.includes(only)) continue;
    for (const theme of ['light', 'dark'] as const) {
      for (const [size, viewport] of Object.entries(SIZES))
        await take(shot, `${shot.name}-${theme}-${size}`, { theme, viewport });
    }
  }
} finally {
  await browser.close();
  await scene.close();
  await stopServer();
}

/** Something to see on every page. */
async function stage(): Promise<Shot[]> {
  const digits = await scene.digitsTask(8);
  for (let i = 0; i < 4; i++) await digits.publish();
  const failed = await digits.fail();
  await digits.measure();
  const published = await digits.publish();
  const secret = await scene.task(4, {
    title: 'Next words, in private',
    kMin: 2,
    privacy: { noiseMultiplier: 4, delta: 1e-5, epsilonMax: 8 },
  });
  await secret.publish();
  await scene.starling.researcher.call(`/use-cases/${secret.useCase}/pause`, {});
  await digits.begin(5);
  const own = `/ui/?use-case=${digits.useCase}#`;
  return [
    { name: 'overview', address: `${own}/`, until: 'Round 8 is open' },
    { name: 'overview-private', address: `/ui/?use-case=${secret.useCase}#/`, until: 'ε spent' },
    { name: 'round', address: `${own}/rounds/${published.id}`, until: 'half below' },
    { name: 'round-failed', address: `${own}/rounds/${failed.id}`, until: 'What to do next' },
    {
      name: 'models',
      address: `${own}/models`,
      until: 'apart, over',
      before: async (page) => {
        await page.getByRole('button', { name: 'Try it' }).click();
        await page.getByRole('button', { name: 'A sample of 3' }).click();
        await page.getByText('sure that this is a').waitFor();
      },
    },
    {
      name: 'log',
      address: `${own}/log`,
      until: 'Newest leaves',
      before: async (page) => {
        await page.getByRole('button', { name: 'Verify in this page' }).click();
        await page.getByText('0 problems').waitFor();
      },
    },
    { name: 'operations', address: `${own}/operations`, until: 'No try has failed' },
    ...portal(digits.useCase),
    ...(await beginnings(digits.useCase)),
  ];
}

/** What people with an account have. */
function portal(useCase: string): Shot[] {
  return [
    { name: 'use-cases', address: '/ui/#/use-cases', until: 'New use case' },
    { name: 'use-case', address: `/ui/#/use-cases/${useCase}`, until: 'Start rounds' },
    { name: 'people', address: '/ui/#/people', until: 'ann' },
    { name: 'api-keys', address: '/ui/#/api-keys', until: 'bootstrap' },
    { name: 'audit', address: '/ui/#/audit', until: 'Who did what' },
    { name: 'account', address: '/ui/#/account', until: 'Password' },
    { name: 'sign-in', address: '/ui/#/sign-in', until: 'Sign in', isStranger: true },
  ];
}

/** Where a use case and a device begin. */
async function beginnings(useCase: string): Promise<Shot[]> {
  const code = await scene.starling.researcher.enrolmentCode(useCase, 20);
  return [
    {
      name: 'wizard',
      address: '/ui/#/use-cases/new',
      until: 'What would come of it',
      before: async (page) => {
        await page.getByLabel('Title').fill('Digits of phones');
        await page.getByRole('button', { name: '3. Privacy' }).click();
        await page.getByLabel('Noise, fixed clip').check();
        await page.getByLabel('Budget ε').fill('8');
        await page.getByRole('img', { name: /ε after .* of a budget of 8/ }).waitFor();
      },
    },
    { name: 'take-part', address: `/take-part/#code=${code}&use-case=${useCase}`, until: 'Whom you deal with' },
  ];
}

async function take(
  { address, until, before, isStranger }: Shot,
  name: string,
  { theme, viewport }: { theme: 'light' | 'dark'; viewport: { width: number; height: number } },
): Promise<void> {
  const context = await windowOf(browser, scene.starling, isStranger ? null : ann, { viewport, colorScheme: theme });
  const page = await context.newPage();
  page.on('console', (message) => message.type() === 'error' && console.error(name, message.text()));
  page.on('pageerror', (error) => console.error(name, error.message));
  try {
    await page.goto(`${scene.starling.coordinator}${address}`);
    await page.getByText(until).first().waitFor({ timeout: 20_000 });
    await before?.(page);
    await page.waitForTimeout(800);
  } catch (error) {
    console.error(name, (error as Error).message.split('\n')[0]);
  }
  // Long lists look the same further down.
  const height = Math.min(MOST_HIGH, (await page.evaluate('document.documentElement.scrollHeight')) as number);
  await page.screenshot({
    path: join(folder, `${name}.png`),
    fullPage: true,
    clip: { x: 0, y: 0, width: viewport.width, height },
  });
  await context.close();
  console.log(name);
}
