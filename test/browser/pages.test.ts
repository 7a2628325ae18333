import { randomBytes } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it, test } from '@jest/globals';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

import type { RoundView } from '#protocol';

import { enrolCohort } from '../fixtures/cohort.js';
import type { Person } from '../fixtures/person.js';
import { awaitOpenRound, open, payloadOf, prepare } from '../fixtures/submission.js';
import { barriers } from './axe.js';
import { launchBrowser } from './chromium.js';
import { Scene, type Task } from './scene.js';
import { visitAt, type Visit } from './visit.js';

/** Within which somebody who looks at a page shall see that something is wrong. */
const SEEN_WITHIN_MS = 10_000;

let browser: Browser;
let scene: Scene;
let digits: Task;
let failed: RoundView;
let published: RoundView;
let [owner, viewer]: Person[] = [];

beforeAll(async () => {
  [scene, browser] = await Promise.all([Scene.open(), launchBrowser()]);
  digits = await scene.digitsTask(4);
  published = await digits.publish();
  failed = await digits.fail();
  [owner, viewer] = [await scene.person('ann', 'owner'), await scene.person('vic', 'viewer')];
}, 180_000);
afterAll(async () => {
  await browser.close();
  await scene.close();
});

const visit = (
  path: string,
  who: Person | null = owner!,
  options: BrowserContextOptions = {},
  useCase = digits.useCase,
): Promise<Visit> => visitAt(browser, scene.starling, `?use-case=${useCase}#${path}`, { who, options });

describe('the overview', () => {
  // Kills: a curve that is read once; one that waits for the page to be loaded again.
  it('[DSH1] moves its curves when a round is published and measured, without being loaded again', async () => {
    const { page, complaints, leave } = await visit('/');
    const curve = (name: string, round: number) =>
      page.getByRole('img', { name: new RegExp(`^${name} .* in round ${round}`) });
    await curve('Accuracy', published.sequence).waitFor();
    const next = await digits.publish();
    await curve('Accuracy', next.sequence).waitFor();
    await curve('Loss', next.sequence).waitFor();
    const measured = await digits.measure();
    await page
      .getByRole('img', { name: new RegExp(`Devices found .* in round ${measured.sequence}`) })
      .first()
      .waitFor();
    expect(complaints).toEqual([]);
    await leave();
  });

  // Kills: refusals that are shown for finished rounds alone.
  it('[DSH2] shows a spike of refusals with what they mean, within ten seconds', async () => {
    const { researcher, coordinator, intake } = scene.starling;
    const manifest = await researcher.createUseCase({ title: 'Besieged' });
    const [member] = await enrolCohort(scene.starling, manifest, 1);
    await researcher.startRounds(manifest.useCase, { min: 1, target: 10 });
    const round = await awaitOpenRound(coordinator, manifest.useCase);
    const overview = await visit('/', null, {}, manifest.useCase);
    const operations = await visit('/operations', owner, {}, manifest.useCase);
    await overview.page.getByText('Nothing refused.').waitFor();
    await operations.page.getByRole('heading', { name: 'Processes' }).waitFor();
    const payload = payloadOf(Array.from({ length: 64 }, () => 1));
    for (let i = 0; i < 30; i++) {
      await open(intake, prepare(round, member!.tokens[0]!, payload, { mac: randomBytes(32) }));
    }
    const timeout = SEEN_WITHIN_MS;
    const inRounds = overview.page.getByRole('listitem').filter({ hasText: /invalid_token\s*30/ });
    await Promise.all([
      inRounds.getByText('Its token was not genuine').waitFor({ timeout }),
      operations.page
        .getByRole('listitem')
        .filter({ hasText: /invalid_token\s*30/ })
        .waitFor({ timeout }),
    ]);
    expect([...overview.complaints, ...operations.complaints]).toEqual([]);
    await Promise.all([overview.leave(), operations.leave()]);
  });

  // Kills: a button for everybody, which the coordinator then refuses; a state that is shown only after loading again.
  it('[DSH3] lets who may write pause and resume rounds, and shows others whether they are paused', async () => {
    const [mine, theirs] = [await visit('/'), await visit('/', viewer)];
    await mine.page.getByRole('button', { name: 'Pause rounds' }).click();
    await mine.page.getByRole('button', { name: 'Resume rounds' }).waitFor();
    await theirs.page.getByText('are paused: none opens').waitFor();
    expect(await theirs.page.getByRole('button', { name: 'Resume rounds' }).count()).toBe(0);
    await mine.page.getByRole('button', { name: 'Resume rounds' }).click();
    await mine.page.getByRole('button', { name: 'Pause rounds' }).waitFor();
    await Promise.all([mine.leave(), theirs.leave()]);
  });
});

describe('the page of a round', () => {
  it('[DSH4] says why a round failed and what to do next, and starts another in its place when asked twice', async () => {
    const { page, complaints, leave } = await visit(`/rounds/${failed.id}`);
    await page.getByRole('heading', { name: 'What to do next' }).waitFor();
    await page.getByText(failed.detail!).first().waitFor();
    await page.getByText('It had 1 update and needed 4: 3 more.').waitFor();
    await page.getByRole('button', { name: 'Retry' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Start it' }).click();
    await page.waitForURL((url) => !url.href.endsWith(failed.id));
    await page.getByText('an abandoned round').waitFor();
    await page.getByRole('button', { name: 'Abort' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Leave it' }).click();
    await page.getByRole('button', { name: 'Abort' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Abandon it' }).click();
    await page.getByText('Somebody wished it so.').waitFor();
    expect(complaints).toEqual([]);
    await leave();
  });

  // Kills: a dialog that begins at what acts, that lets the focus out to what is behind it, or that loses it.
  it('[DSH4] asks by keyboard as well: from the way out on, until Escape, and back where it began', async () => {
    const { page, complaints, leave } = await visit(`/rounds/${failed.id}`);
    const focused = () => page.evaluate('document.activeElement.innerText');
    const retry = page.getByRole('button', { name: 'Retry' });
    await retry.press('Enter');
    const dialog = page.getByRole('alertdialog', { name: /^Start another round in the place of/ });
    await dialog.waitFor();
    expect(await focused()).toBe('Leave it');
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Start it');
    const within = 'document.activeElement === document.body || document.activeElement.closest("dialog") !== null';
    for (const key of ['Tab', 'Tab', 'Tab', 'Shift+Tab', 'Shift+Tab', 'Shift+Tab', 'Shift+Tab']) {
      await page.keyboard.press(key);
      expect(await page.evaluate(within)).toBe(true);
    }
    expect(await barriers(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    expect(await focused()).toBe('Retry');
    expect(complaints).toEqual([]);
    await leave();
  });

  it('[DSH4] shows from token to model, time by phase, lengths of updates, and checks its accepted list', async () => {
    const { page, complaints, leave } = await visit(`/rounds/${published.id}`, null);
    await page.getByRole('img', { name: /^Half of the updates are between/ }).waitFor();
    await page.getByText('In the model').waitFor();
    await page.getByRole('button', { name: 'Check its accepted list' }).click();
    await page.getByText(`The list has ${published.accepted} updates`).waitFor();
    expect(await page.getByRole('button', { name: 'Abort' }).count()).toBe(0);
    expect(complaints).toEqual([]);
    await leave();
  });
});

describe('models', () => {
  // Kills: TensorFlow.js that the page's policy stops; an image that is drawn otherwise than models were trained on.
  it('[DSH5] are tried on digits that are drawn or chosen by keyboard, and compared parameter by parameter', async () => {
    const { page, complaints, leave } = await visit('/models');
    await page.getByText('apart, over 7,850 parameters').waitFor();
    await page.getByRole('button', { name: 'Try it' }).press('Enter');
    await page.getByRole('button', { name: 'A sample of 0' }).press('Enter');
    await page.getByText(/sure that this is a 0/).waitFor();
    await page.getByRole('button', { name: 'Clear' }).press('Enter');
    const { x, y } = (await page.locator('.digit-pad').boundingBox())!;
    await page.mouse.move(x + 150, y + 40);
    await page.mouse.down();
    await page.mouse.move(x + 145, y + 240, { steps: 8 });
    await page.mouse.up();
    await page.getByText(/sure that this is a 1/).waitFor();
    expect(complaints).toEqual([]);
    await leave();
  });

  it('[DSH5] are listed to who is signed in, and the others are told how', async () => {
    const { page, leave } = await visit('/models', null);
    await page.getByText('Sign in at the top of this page.').waitFor();
    expect(await page.getByRole('heading', { name: 'Versions' }).count()).toBe(0);
    await leave();
  });
});

describe('the log', () => {
  const verify = async (page: Page) => page.getByRole('button', { name: /^Verify/ }).click();

  // Kills: a page that believes the root it is told; one that remembers a log with faults.
  it('[DSH6] is verified in the page, and a leaf that was changed is found and named', async () => {
    const { admin } = scene.starling.database;
    const { page, complaints, leave } = await visit('/log', null);
    await page.getByText('checked in this page').waitFor();
    await verify(page);
    await page.getByText(/leaves and \d+ manifests? checked, 0 problems/).waitFor();
    const flip =
      'update log.entry set leaf = set_byte(leaf, length(leaf) - 1, get_byte(leaf, length(leaf) - 1) # 1) where position = 2';
    await admin.query(flip);
    await verify(page);
    await page.getByText('Leaf 2: It is not the leaf that the tree was made of.').waitFor();
    await page.getByText('are not those that this browser saw before').waitFor();
    await admin.query(flip);
    await verify(page);
    await page.getByText(/checked, 0 problems/).waitFor();
    expect(complaints).toEqual([]);
    await leave();
  });
});

describe('every page', () => {
  const PAGES: Readonly<Record<string, readonly [path: () => string, sign: string]>> = {
    overview: [() => '/', 'Anonymity set'],
    round: [() => `/rounds/${published.id}`, 'half below'],
    'failed round': [() => `/rounds/${failed.id}`, 'What to do next'],
    models: [() => '/models', 'apart, over'],
    log: [() => '/log', 'Newest leaves'],
    operations: [() => '/operations', 'Queues'],
    'no page': [() => '/nowhere', 'There is no such page'],
  };
  const cases = Object.keys(PAGES).flatMap((name) => (['light', 'dark'] as const).map((theme) => ({ name, theme })));

  test.each(cases)(
    '[DSH7] $name, $theme: has no fault that keeps people out, and fits a phone',
    async ({ name, theme }) => {
      const [path, sign] = PAGES[name]!;
      const viewport = { width: 375, height: 812 };
      const { page, complaints, leave } = await visit(path(), owner, { colorScheme: theme, viewport });
      await page.getByText(sign).first().waitFor();
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
      for (const width of [375, 1280]) {
        await page.setViewportSize({ width, height: 900 });
        expect(await barriers(page)).toEqual([]);
      }
      expect(complaints).toEqual([]);
      await leave();
    },
  );
});
