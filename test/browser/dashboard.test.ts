import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';

import { startStarling, type TestStarling } from '../fixtures/starling.js';
import { launchBrowser } from './chromium.js';

let browser: Browser;
let starling: TestStarling;

beforeAll(async () => {
  starling = await startStarling({ coordinator: { PATIENCE_MS: '0' }, without: ['worker', 'intake'] });
  browser = await launchBrowser();
}, 120_000);
afterAll(async () => {
  await browser.close();
  await starling.stop();
});

/** Opens a page and notes what it complains about, above all what its policy kept from it. */
async function visit(path: string) {
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => void (message.type() === 'error' && complaints.push(message.text())));
  await page.goto(`${starling.coordinator}${path}`);
  return { page, complaints };
}

describe('the dashboard', () => {
  // Kills: a policy that the page itself breaks, or one that lets inline scripts run.
  it('[SEC7] works under its policy, hears of news, and runs nothing that is not its own', async () => {
    const { useCase } = await starling.researcher.createUseCase();
    const [first] = await starling.researcher.startRounds(useCase);
    const { page, complaints } = await visit(`/ui/?use-case=${useCase}`);
    await page.getByText('Round 1 is waiting to open').first().waitFor();
    await page.getByText('It waits for tokens: 0 of at least 1 devices have one for its slot.').first().waitFor();
    // By an event, not by loading the page again.
    await starling.researcher.abort(first!);
    await page.getByText('A researcher aborted this round.').first().waitFor();
    expect(complaints).toEqual([]);

    await page.evaluate(`
      const script = document.createElement('script');
      script.textContent = 'window.injected = true';
      document.body.append(script);
      document.body.insertAdjacentHTML('beforeend', '<img src="nowhere" onerror="window.injected = true">');`);
    await page.waitForTimeout(200);
    expect(await page.evaluate('window.injected')).toBeUndefined();
    expect(complaints.some((text) => text.includes('Content Security Policy'))).toBe(true);
    await page.close();
  }, 60_000);

  it("[SEC7] the API's description works under its policy too", async () => {
    const { page, complaints } = await visit('/docs');
    await page.getByText('Start rounds, one after the other').waitFor();
    expect(complaints).toEqual([]);
    await page.close();
  }, 60_000);
});
