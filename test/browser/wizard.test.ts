import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';

import { pick } from '../fixtures/researcher.js';
import { startStarling, type TestStarling } from '../fixtures/starling.js';
import { launchBrowser } from './chromium.js';
import { Visitor } from './portal-visitor.js';

const STRATEGY_MODULES = fileURLToPath(new URL('../../examples/own-strategy.js', import.meta.url));

let starling: TestStarling;
let browser: Browser;
let visitor: Visitor;
beforeAll(async () => {
  starling = await startStarling({ intakes: [], without: ['worker'], coordinator: { STRATEGY_MODULES } });
  browser = await launchBrowser();
  visitor = await Visitor.at(starling.coordinator, browser);
  const token = pick<string>(await starling.researcher.call('/invitations', { role: 'researcher' }), 'token');
  await visitor.join(`${starling.coordinator}/ui/#/join?token=${token}`, 'ada');
  await visitor.visit('/use-cases/new');
}, 120_000);
afterAll(async () => {
  await browser.close();
  await starling.stop();
});

describe('the wizard', () => {
  // Kills: asking the coordinator alone, whose rules know nothing of a title or of how many devices a code lets in.
  it('[WIZ13] says what is missing, and only then that nothing would be refused', async () => {
    const { page } = visitor;
    const preview = page.getByRole('complementary', { name: 'Preview' });
    await preview.getByText('Still to fill in: a title (Model), an id (Model).').waitFor();
    await preview.getByText('7,850').first().waitFor(); // the coordinator has answered
    expect(await preview.getByText('Nothing would be refused.').count()).toBe(0);
    await page.getByLabel('Title').fill('Digits');
    await preview.getByText('Nothing would be refused.').waitFor();
    await page.getByRole('button', { name: '5. Devices' }).click();
    await page.getByLabel('Devices', { exact: true }).fill('');
    await preview.getByText('Still to fill in: how many devices to let in (Devices).').waitFor();
    expect(await preview.getByText('Nothing would be refused.').count()).toBe(0);
    await page.getByRole('button', { name: '6. Review' }).click();
    expect(await page.getByRole('button', { name: 'Create it and start' }).isDisabled()).toBe(true);
  }, 120_000);

  it("[WIZ12] lists a researcher's own strategy with its options, and the coordinator takes it", async () => {
    const { page } = visitor;
    await page.getByRole('button', { name: '2. Strategy' }).click();
    await page.getByLabel('WithoutExtremes').check();
    await page.getByText('0.1 when left out').waitFor();
    await page.getByRole('textbox', { name: 'share' }).fill('0.2');
    await page.getByRole('button', { name: '5. Devices' }).click();
    await page.getByLabel('Devices', { exact: true }).fill('50');
    await page.getByText('Nothing would be refused.').waitFor();
    expect(visitor.complaints).toEqual([]);
  }, 120_000);
});
