import { afterAll, beforeAll, describe, expect, it, test } from '@jest/globals';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

import { enrolCohort } from '../fixtures/cohort.js';
import { newPerson, type Person } from '../fixtures/person.js';
import { startStarling, type TestStarling } from '../fixtures/starling.js';
import { awaitOpenRound, payloadOf, prepare, submit } from '../fixtures/submission.js';
import { barriers } from './axe.js';
import { launchBrowser } from './chromium.js';
import { windowOf } from './scene.js';
import { visitAt, type Visit } from './visit.js';

const JOBS = '**/v1/operations/jobs';
const PHONE = { width: 375, height: 812 };

let browser: Browser;
let starling: TestStarling;
let owner: Person;
let useCase: string;
let roundId: string;

/** A worker that is held while a round is to be closed; before that a sum could not be stored. */
beforeAll(async () => {
  starling = await startStarling();
  browser = await launchBrowser();
  owner = await newPerson(starling.researcher, 'ann', 'owner');
}, 120_000);
afterAll(async () => {
  await browser.close();
  await starling.stop();
});

const visit = (path: string, who: Person | null = owner, options: BrowserContextOptions = {}): Promise<Visit> =>
  visitAt(browser, starling, `#${path}`, { who, options });

const cardOf = (page: Page) => page.getByRole('region', { name: 'Jobs' });

async function breakSums(): Promise<void> {
  await starling.database.admin.query(`
    create function rounds.break_sums() returns trigger language plpgsql as $$ begin raise exception 'broken'; end $$;
    create trigger broken before insert on rounds.partial for each row execute function rounds.break_sums()`);
}

/** A round of a device that is there at once. @returns its id */
async function sendRound(
  slot: number,
  tokens: Awaited<ReturnType<typeof enrolCohort>>[number]['tokens'],
): Promise<string> {
  const [id] = await starling.researcher.startRounds(useCase, { min: 1, target: 1 });
  const open = await awaitOpenRound(starling.coordinator, useCase);
  await submit(starling.intake, prepare(open, tokens[slot]!, payloadOf(Array.from({ length: 64 }, () => 1))));
  return id!;
}

describe('jobs on the page of operations', () => {
  it('[DSH10] says that there are none, and that nothing failed', async () => {
    const { page, complaints, leave } = await visit('/operations');
    await cardOf(page).getByText('No job: nothing is to be done now.').waitFor();
    await cardOf(page).getByText('No try has failed.').waitFor();
    expect(complaints).toEqual([]);
    await leave();
  });

  // Kills: a card that is shown once; a round that has no name; a link to nowhere.
  it('[DSH10] follows: what failed and why, that it is done since, and work that nobody asks for', async () => {
    const manifest = await starling.researcher.createUseCase();
    ({ useCase } = manifest);
    const [member] = await enrolCohort(starling, manifest, 1, { slots: [0, 1] });
    const { page, complaints, leave } = await visit('/operations');
    await breakSums();
    roundId = await sendRound(0, member!.tokens);
    const sums = cardOf(page)
      .getByRole('listitem')
      .filter({ hasText: `Sum ${useCase}, round 1, shard 0` });
    await sums.filter({ hasText: 'PostgreSQL refused (P0001)' }).first().waitFor();
    await sums.filter({ hasText: 'Tried again' }).first().waitFor();
    await starling.database.admin.query('drop trigger broken on rounds.partial; drop function rounds.break_sums()');
    await sums.filter({ hasText: 'Done since' }).waitFor();
    await cardOf(page).getByText('No job: nothing is to be done now.').waitFor();
    await sums.getByRole('link').press('Enter');
    await page.waitForURL((url) => url.href.endsWith(`/rounds/${roundId}`));

    process.kill(starling.pid('worker'), 'SIGSTOP');
    await sendRound(1, member!.tokens);
    await page.goto(`${starling.coordinator}/ui/#/operations`);
    const due = cardOf(page)
      .getByRole('listitem')
      .filter({ hasText: `Close ${useCase}, round 2` });
    await due.filter({ hasText: 'Due, no job' }).getByText('is the worker running?').waitFor();
    expect(complaints).toEqual([]);
    await leave();
  }, 120_000);

  // Kills: an empty list where there is no answer yet; a card that stays broken; a button for the mouse alone.
  it('[DSH10] says that it waits for the answer, and that there was none, and asks again when told by key', async () => {
    const { page, leave } = await visit('/nowhere');
    await page.route(JOBS, () => {});
    await page.goto(`${starling.coordinator}/ui/#/operations`);
    await cardOf(page).getByText('Asking what the worker does…').waitFor();
    expect(await cardOf(page).getAttribute('aria-busy')).toBe('true');
    expect(await cardOf(page).getByText('No job').count()).toBe(0);
    await page.unroute(JOBS);
    await page.route(JOBS, (route) => route.fulfill({ status: 500, json: { code: 'internal', message: 'It broke.' } }));
    await page.reload();
    await cardOf(page)
      .getByRole('alert')
      .getByText('Jobs cannot be shown. The coordinator answered 500: It broke.')
      .waitFor();
    // The rest of the page goes on.
    await page.getByRole('heading', { name: 'Processes' }).waitFor();
    await page.unroute(JOBS);
    await cardOf(page).getByRole('button', { name: 'Ask again' }).press('Enter');
    await cardOf(page).getByText('Due, no job').waitFor();
    expect(await cardOf(page).getByRole('alert').count()).toBe(0);
    await leave();
  }, 120_000);

  // Kills: a hundred entries on a phone; a list that cannot be seen whole.
  it('[DSH10] shows a few of many, all when asked, and how many more there are', async () => {
    const { page, leave } = await visit('/nowhere');
    const job = {
      state: 'waiting',
      queue: 'fold-shard',
      useCase,
      round: 9,
      roundId,
      version: null,
      tries: 0,
      mostTries: 5,
    };
    const rest = { stalls: 0, shardsLeft: null, since: null, begunAt: null, nextAt: null, failure: null };
    const jobs = Array.from({ length: 100 }, (_, shard) => ({ ...job, ...rest, shard }));
    await page.route(JOBS, (route) => route.fulfill({ json: { jobs, total: 340, failures: [] } }));
    await page.goto(`${starling.coordinator}/ui/#/operations`);
    await cardOf(page).getByText('These are 100 of 340 jobs.').waitFor();
    expect(await cardOf(page).getByRole('listitem').count()).toBe(8);
    const button = cardOf(page).getByRole('button', { name: 'Show all 100' });
    expect(await button.getAttribute('aria-expanded')).toBe('false');
    await button.press('Space');
    expect(await cardOf(page).getByRole('listitem').count()).toBe(100);
    await leave();
  });

  // Kills: a page that asks for jobs before it knows who looks.
  it('[DSH10] is for nobody without an account', async () => {
    const context = await windowOf(browser, starling, null);
    const page = await context.newPage();
    const asked: string[] = [];
    page.on('request', (request) => void asked.push(request.url()));
    await page.goto(`${starling.coordinator}/ui/#/operations`);
    await page.getByText('Operations are for people with an account').waitFor();
    expect(await cardOf(page).count()).toBe(0);
    expect(asked.filter((url) => url.includes('/v1/operations'))).toEqual([]);
    await context.close();
  });

  test.each(['light', 'dark'] as const)('[DSH10] %s: keeps nobody out, and fits a phone', async (colorScheme) => {
    const { page, complaints, leave } = await visit('/operations', owner, { colorScheme, viewport: PHONE });
    await cardOf(page).getByText('Due, no job').waitFor();
    await cardOf(page).getByText('Done since').waitFor();
    for (const width of [PHONE.width, 1280]) {
      await page.setViewportSize({ width, height: 900 });
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
      expect(await barriers(page)).toEqual([]);
    }
    expect(complaints).toEqual([]);
    await leave();
  });
});

describe('the audit page', () => {
  it('[AUD5] shows a round by use case and number', async () => {
    process.kill(starling.pid('worker'), 'SIGCONT');
    const [id] = await starling.researcher.startRounds(useCase);
    await starling.researcher.abort(id!);
    const { page, leave } = await visit('/audit');
    await page.getByText(`aborted round 3 of ${useCase}.`).waitFor();
    expect(await page.getByRole('main').innerText()).not.toContain(id);
    await leave();
  });
});
