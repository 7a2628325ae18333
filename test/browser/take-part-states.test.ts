import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';

import { eventually } from '../fixtures/patience.js';
import { agree, faultsOfLooks, joinTask, shot, TakePartScene } from './take-part-scene.js';

/* What a person sees when something comes in between; how it goes where nothing does is the story of take-part.test.ts. */

const JITTER_MS = 1500;
const FEW = 8;
/** so that the training takes a few seconds */
const MANY = 30_000;

let scene: TakePartScene;

beforeAll(async () => {
  const layout = [
    { name: 'w', shape: [4, 2] },
    { name: 'b', shape: [2] },
  ];
  scene = await TakePartScene.open(() => Promise.resolve({ title: 'Four numbers', layout, jitterMs: JITTER_MS }));
}, 120_000);
afterAll(() => scene.close());

const heading = (page: Page, name: string): Locator => page.getByRole('heading', { name });

async function addExamples(page: Page, many: number): Promise<void> {
  const lines = Array.from({ length: many }, (_, i) => `${i % 2},${1 - (i % 2)},0.5,${(i % 10) / 10},${i % 2}`);
  const buffer = Buffer.from(lines.join('\n'));
  await page.locator('#examples-file').setInputFiles({ name: 'examples.csv', mimeType: 'text/csv', buffer });
  await page.getByText(`${many.toLocaleString('en')} examples of 4 numbers each`).waitFor();
}

/** Its tokens are older than W by the time that the round opens, so that it takes part. */
async function startRound(): Promise<string> {
  await sleep(JITTER_MS);
  const [round] = await scene.starling.researcher.startRounds(scene.manifest.useCase, { min: 1, target: 1 });
  return round!;
}

/** Lets the page's clock run ahead until something is seen: it tries again at longer and longer intervals. */
const hurry = (page: Page, seen: Locator): Promise<void> =>
  eventually(
    'seen',
    async () => {
      await page.clock.fastForward(1500);
      await sleep(100);
      return seen.isVisible();
    },
    { withinMs: 60_000 },
  );

describe('without a connection', () => {
  // Kills: a page that says to load it again, when the code is in no address any more.
  it('[TKP10] the page says so, and joins by itself when there is one again', async () => {
    const { page } = await scene.openLink(await scene.code(1));
    await page.context().setOffline(true);
    await agree(page);
    await page.getByRole('alert').getByText('this page tries again by itself').waitFor();
    expect(await faultsOfLooks(page, 'no-answer')).toEqual([]);
    expect(await page.getByRole('button', { name: 'Leave …' }).count()).toBe(0);
    await page.context().setOffline(false);
    await heading(page, 'Your examples').waitFor();
    await page.context().close();
  });

  it('[TKP10] the terms are read when somebody answers, by the link that was opened', async () => {
    const context = await scene.browser.newContext();
    const page = await context.newPage();
    await page.route('**/v1/deployment', (route) => route.abort());
    await page.goto(scene.linkOf(await scene.code(1)));
    await heading(page, 'No answer').waitFor();
    await page.unroute('**/v1/deployment');
    await page.getByRole('button', { name: 'Try again' }).click();
    await heading(page, 'Four numbers').waitFor();
    expect(page.url()).toBe(scene.address);
    await joinTask(page);
    await context.close();
  });

  // Kills: an update that is dropped, or trained anew; a page that says that what waits has left.
  it('[TKP11] lost while it trains, it keeps the update, sends it when it can, and is counted', async () => {
    const page = await (await scene.browser.newContext()).newPage();
    await page.clock.install();
    await page.goto(scene.linkOf(await scene.code(1)));
    await joinTask(page);
    await addExamples(page, MANY);
    await page.getByRole('button', { name: 'Start' }).click();
    const round = await startRound();
    await trainOffline(page);
    await page.getByText('None yet.').waitFor();
    await shot(page, 'offline');
    await page.context().setOffline(false);
    await hurry(page, page.getByText('as one of 1 updates'));
    expect((await scene.starling.researcher.awaitRound(round, 'published')).accepted).toBe(1);
    expect(await page.getByRole('alert').count()).toBe(0);

    // The round is over by the time that somebody answers.
    const missed = await startRound();
    await trainOffline(page);
    await scene.starling.researcher.abort(missed);
    await page.context().setOffline(false);
    await hurry(page, page.getByText('The round ended before intake answered.'));
    await page.getByText('Waiting for a round that it can take part in').waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
    await page.context().close();
  });

  async function trainOffline(page: Page): Promise<void> {
    const training = page.getByRole('progressbar', { name: 'Training' });
    await hurry(page, training);
    await page.context().setOffline(true);
    await page.getByText('It goes on by itself when the connection is back.').waitFor();
    await heading(page, 'What is about to leave').waitFor();
    await hurry(page, page.getByText('The update is kept, and sent again until there is an answer'));
    expect(await heading(page, 'What left last').count()).toBe(0);
  }
});

describe('a second tab', () => {
  // Kills: a tab that holds what the other wants to delete; a device that is two.
  it('[TKP12] says that another has the task, goes on when that is closed, and keeps nobody from leaving', async () => {
    const { page: first } = await scene.openLink(await scene.code(1));
    const context = first.context();
    await joinTask(first);
    await addExamples(first, FEW);
    const second = await openAnother();
    expect(await faultsOfLooks(second, 'another-tab')).toEqual([]);
    await first.close();
    await tryAgain(second, heading(second, 'Your examples'));
    await second.getByText('8 examples of 4 numbers each').waitFor();

    const third = await openAnother();
    await second.getByRole('button', { name: 'Leave …' }).click();
    await second.getByRole('button', { name: 'Delete everything' }).click();
    await heading(second, 'You have left').waitFor();
    expect(await second.evaluate('indexedDB.databases()')).toEqual([]);
    await tryAgain(third, heading(third, 'Open the link that you were given'));
    await context.close();

    async function openAnother(): Promise<Page> {
      const page = await context.newPage();
      await page.goto(scene.address);
      await heading(page, 'Open in another tab').waitFor();
      expect(await page.getByRole('button', { name: 'Leave …' }).count()).toBe(0);
      return page;
    }
  });

  /** The browser takes a moment to notice that a tab is gone. */
  const tryAgain = (page: Page, seen: Locator): Promise<void> =>
    eventually(
      'it goes on',
      async () => {
        await page
          .getByRole('button', { name: 'Try again' })
          .click({ timeout: 100 })
          .catch(() => undefined);
        return seen.isVisible();
      },
      { withinMs: 30_000 },
    );
});

describe('what does not fit', () => {
  // Kills: a page that believes whatever key it is served today; one that has no way out.
  it('[TKP13] a key that changed: nothing is sent, what was kept is still there, and may be deleted', async () => {
    const { page, sent } = await scene.openLink(await scene.code(1));
    await joinTask(page);
    await addExamples(page, FEW);
    await page.route('**/v1/deployment', async (route) => {
      const response = await route.fetch();
      const told = (await response.json()) as object;
      await route.fulfill({ response, json: { ...told, deploymentKey: 'ab'.repeat(32) } });
    });
    const before = sent.length;
    await page.reload();
    await heading(page, 'The key of this deployment has changed').waitFor();
    const asked = sent.slice(before).map(({ url }) => url);
    expect(asked.filter((url) => !url.startsWith(scene.address) && !url.endsWith('/v1/deployment'))).toEqual([]);
    await page.getByRole('button', { name: 'Leave …' }).waitFor();
    expect(await faultsOfLooks(page, 'another-key')).toEqual([]);
    await page.unroute('**/v1/deployment');
    await page.reload();
    await page.getByText('8 examples of 4 numbers each').waitFor();
    await page.context().close();
  });

  it('[TKP13] a code that is wrong lets nobody in, and the next one does', async () => {
    const { page } = await scene.openLink('no-such-code');
    await agree(page);
    await heading(page, 'This link lets nobody in any more').waitFor();
    expect(await page.getByRole('button').count()).toBe(0);
    await page.goto('about:blank');
    await page.goto(scene.linkOf(await scene.code(1)));
    await joinTask(page);
    await page.context().close();
  });
});

describe('the screen', () => {
  const start = async (page: Page): Promise<void> => page.getByRole('button', { name: 'Start' }).click();
  const pause = async (page: Page): Promise<void> => page.getByRole('button', { name: 'Pause' }).click();
  const held = (page: Page): Promise<unknown> => page.evaluate('locks.map(({ released }) => !released)');

  // Kills: a lock that is never given back, or asked for once; a promise that the browser did not make.
  it('[TKP14] stays on while it runs, is asked for again on coming back, and is given back at a pause', async () => {
    const { page } = await scene.openLink(await scene.code(1), {}, WAKE_LOCK);
    await joinTask(page);
    await addExamples(page, FEW);
    expect(await held(page)).toEqual([]);
    await start(page);
    await page.getByText('The screen stays on meanwhile.').waitFor();
    expect(await held(page)).toEqual([true]);
    await page.evaluate("show('hidden')");
    expect(await held(page)).toEqual([false]);
    await page.evaluate("show('visible')");
    await page.getByText('The screen stays on meanwhile.').waitFor();
    expect(await held(page)).toEqual([false, true]);
    await pause(page);
    expect(await held(page)).toEqual([false, false]);
    await page.evaluate("show('hidden'); show('visible')");
    expect(await held(page)).toEqual([false, false]);

    await page.evaluate("mode = 'refused'");
    await start(page);
    await page.getByText('This browser does not keep the screen on').waitFor();
    await pause(page);
    await page.evaluate("mode = 'absent'");
    await start(page);
    await page.getByText('This browser does not keep the screen on').waitFor();
    expect(await held(page)).toEqual([false, false]);
    await page.context().close();
  });

  // Kills: a page that gives up where its timers stood still.
  it('[TKP14] behind others, stopped by the browser, it goes on where it was', async () => {
    const { page } = await scene.openLink(await scene.code(1));
    await joinTask(page);
    await addExamples(page, FEW);
    await start(page);
    // A headless browser freezes no page, whatever it is told: a breakpoint is as good, no timer fires and no answer is seen.
    const debugging = await page.context().newCDPSession(page);
    await debugging.send('Debugger.enable');
    const stopped = new Promise((resolve) => debugging.once('Debugger.paused', resolve));
    await debugging.send('Debugger.pause');
    await stopped;
    const round = await startRound();
    await scene.starling.researcher.awaitRound(round, 'open');
    await sleep(2 * JITTER_MS);
    expect((await scene.starling.researcher.round(round)).accepted).toBe(0);
    await debugging.send('Debugger.resume');
    await page.getByText('as one of 1 updates').waitFor();
    await page.context().close();
  });
});

/** A wake lock as browsers have it, which says how it is; and a page that can be put behind others. */
const WAKE_LOCK = `
  globalThis.mode = 'granted';
  globalThis.locks = [];
  class Lock extends EventTarget {
    released = false;
    async release() {
      if (this.released) return;
      this.released = true;
      this.dispatchEvent(new Event('release'));
    }
  }
  const request = async () => {
    if (mode === 'refused') throw new DOMException('not now', 'NotAllowedError');
    locks.push(new Lock());
    return locks.at(-1);
  };
  Object.defineProperty(Navigator.prototype, 'wakeLock', { get: () => (mode === 'absent' ? undefined : { request }) });
  let visibility = 'visible';
  Object.defineProperty(Document.prototype, 'visibilityState', { get: () => visibility });
  globalThis.show = (state) => {
    visibility = state;
    // Browsers take it back.
    if (state === 'hidden') for (const lock of locks) void lock.release();
    document.dispatchEvent(new Event('visibilitychange'));
  };
`;
