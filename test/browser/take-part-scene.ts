import { join } from 'node:path';

import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

import type { Manifest } from '#protocol';

import { startPublicStarling } from '../fixtures/public-starling.js';
import type { Researcher, UseCaseWish } from '../fixtures/researcher.js';
import type { TestStarling } from '../fixtures/starling.js';
import { barriers } from './axe.js';
import { launchBrowser } from './chromium.js';
import { watchedPage, type WatchedPage } from './watched-page.js';

/** A task of the real processes, and browsers of people who are asked to take part in it. */
export class TakePartScene {
  private constructor(
    readonly starling: TestStarling,
    readonly browser: Browser,
    readonly manifest: Manifest,
  ) {}

  static async open(plan: (researcher: Researcher) => Promise<UseCaseWish>): Promise<TakePartScene> {
    const [starling, browser] = await Promise.all([startPublicStarling(), launchBrowser()]);
    const manifest = await starling.researcher.createUseCase(await plan(starling.researcher));
    return new TakePartScene(starling, browser, manifest);
  }

  /** of the page, without a task */
  get address(): string {
    return `${this.starling.coordinator}/take-part/`;
  }

  code = (uses: number): Promise<string> => this.starling.researcher.enrolmentCode(this.manifest.useCase, uses);

  linkOf = (code: string): string => `${this.address}#code=${code}&use-case=${this.manifest.useCase}`;

  /**
   * A browser of somebody's own, in which the link was opened.
   *
   * @param script  runs in each of its pages before the page's own
   */
  async openLink(code: string, options: BrowserContextOptions = {}, script?: string): Promise<WatchedPage> {
    const context = await this.browser.newContext(options);
    if (script !== undefined) await context.addInitScript(script);
    const watched = await watchedPage(context);
    await watched.page.goto(this.linkOf(code));
    await watched.page.getByText('You are asked to take part in').waitFor();
    return watched;
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.starling.stop();
  }
}

export async function agree(page: Page): Promise<void> {
  await page.getByRole('checkbox').check();
  await page.getByRole('button', { name: 'Take part' }).click();
}

export async function joinTask(page: Page): Promise<void> {
  await agree(page);
  await page.getByRole('heading', { name: 'Your examples' }).waitFor({ timeout: 60_000 });
}

export const shot = async (page: Page, name: string): Promise<void> => {
  const directory = process.env['SCREENSHOTS'];
  if (directory !== undefined) await page.screenshot({ path: join(directory, `${name}.png`), fullPage: true });
};

/** What is wrong with it in either theme, on a phone or wide: for everybody, and without scrolling sideways. */
export async function faultsOfLooks(page: Page, name: string): Promise<string[]> {
  const faults: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    for (const width of [375, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      faults.push(...(await barriers(page)).map((sentence) => `${colorScheme}, ${width} px: ${sentence}`));
      if (await page.evaluate('document.documentElement.scrollWidth > innerWidth'))
        faults.push(`wider than ${width} px`);
      await shot(page, `${name}-${colorScheme}-${width}`);
    }
  }
  return faults;
}
