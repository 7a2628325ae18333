import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';

import { addSubmissions, makeRounds } from '../fixtures/many-rounds.js';
import { startStarling, type TestStarling } from '../fixtures/starling.js';
import { CallCounts } from './call-counts.js';
import { launchBrowser } from './chromium.js';

const MANY = { rounds: 60, devices: 500 };
/** What the functions hold that draw the list and a row of it. */
const LIST = 'rounds-table';
const ROW = 'rounds-row';

let browser: Browser;
let starling: TestStarling;

beforeAll(async () => {
  starling = await startStarling({ without: ['worker', 'intake', 'issuer'] });
  browser = await launchBrowser();
}, 120_000);
afterAll(async () => {
  await browser.close();
  await starling.stop();
});

describe('the list of rounds', () => {
  // Kills: rounds that are listed with their counts; a page that is drawn anew for all that it hears.
  it('[DSH11] stays as it is while counts come in, which redraw a cell each; a round that ends is listed anew', async () => {
    const { database, researcher } = starling;
    const useCase = await makeRounds(database, MANY);
    const page = await browser.newPage();
    const calls = await CallCounts.of(page);
    await page.goto(`${starling.coordinator}/ui/?use-case=${useCase}`);
    const first = page.locator('.rounds-row').first();
    await first.getByText('0 / 500').waitFor();
    await page.getByRole('img', { name: /^Loss .* in round 59/ }).waitFor();
    expect(Math.min(...(await calls.take(LIST, ROW)))).toBeGreaterThan(0);

    await page.evaluate(WATCH_CELLS);
    for (let sent = 0; sent < 50; sent += 10) {
      await addSubmissions(database, useCase, sent, 10);
      await first.getByText(`${sent + 10} / 500`).waitFor();
    }
    expect(await calls.take(LIST, ROW)).toEqual([0, 0]);
    expect(await page.evaluate('[...window.redrawn].sort()')).toEqual(['round 60, cell 4', 'round 60, cell 7']);

    const { rows } = await database.admin.query<{ id: string }>("select id from rounds.round where state = 'open'");
    await researcher.abort(rows[0]!.id);
    await first.getByText('A researcher aborted this round.').waitFor();
    expect(Math.min(...(await calls.take(LIST, ROW)))).toBeGreaterThan(0);
    await page.close();
  }, 120_000);
});

/** Which cells changed. The duration of an open round goes on by itself. */
const WATCH_CELLS = `
  window.redrawn = new Set();
  new MutationObserver((changes) => {
    for (const { target } of changes) {
      const cell = (target.nodeType === 1 ? target : target.parentElement).closest('.rounds-cell');
      const row = cell?.closest('.rounds-row');
      window.redrawn.add(
        cell ? 'round ' + row.textContent.match(/^\\d+/)[0].slice(0, 2) + ', cell ' + cell.getAttribute('aria-colindex') : 'the list');
    }
  }).observe(document.querySelector('.rounds-table'), { subtree: true, childList: true, characterData: true, attributes: true });`;
