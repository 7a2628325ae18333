import { createRequire } from 'node:module';

import type { Browser, BrowserContext, Page } from 'playwright-core';

import { barriers } from './axe.js';

const require = createRequire(import.meta.url);
/** A CommonJS module whose types say that it is none. */
const jsQr = require('jsqr') as (data: Uint8ClampedArray, width: number, height: number) => { data: string } | null;

/** What a browser says of a request that was refused: the tests ask for some. */
const REFUSED = /^Failed to load resource/;

/** Somebody at a browser of their own, who sees pages and not what is behind them. */
export class Visitor {
  /** what the browser complained about, but for refused requests */
  readonly complaints: string[] = [];

  private constructor(
    private readonly coordinator: string,
    private readonly context: BrowserContext,
    readonly page: Page,
  ) {
    page.setDefaultTimeout(60_000); // a busy machine
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' && !REFUSED.test(message.text())) this.complaints.push(message.text());
    });
  }

  static async at(coordinator: string, browser: Browser): Promise<Visitor> {
    const context = await browser.newContext();
    return new Visitor(coordinator, context, await context.newPage());
  }

  /** @param place  behind #, or a whole address */
  async visit(place: string): Promise<void> {
    await this.page.goto(place.startsWith('http') ? place : `${this.coordinator}/ui/#${place}`);
  }

  async join(link: string, name: string): Promise<void> {
    await this.visit(link);
    await this.page.getByLabel('Name').fill(name);
    await this.page.getByLabel('New password').fill(PASSWORD);
    await this.page.getByRole('button', { name: 'Join' }).click();
    await this.page.getByRole('link', { name: `Account of ${name}` }).waitFor();
  }

  /** As this page would ask, with the cookie and the header. @returns the code of the refusal, or the status */
  ask(method: string, path: string, body?: object): Promise<unknown> {
    const init = { method, headers: { 'x-starling': '1', 'content-type': 'application/json' } };
    const request = JSON.stringify([path, { ...init, ...(body && { body: JSON.stringify(body) }) }]);
    return this.page.evaluate(
      `fetch(...${request}).then(async (response) => (await response.json()).code ?? response.status)`,
    );
  }

  /** What axe-core holds against the page in both themes, where it is serious; and whether it fits on a phone. */
  async barriers(): Promise<string[]> {
    const found: string[] = [];
    for (const theme of ['light', 'dark']) {
      await this.page.evaluate(`document.documentElement.dataset.theme = '${theme}'`);
      if (await this.#isTooWide()) found.push(`${theme}: wider than a phone`);
      found.push(...(await barriers(this.page)).map((sentence) => `${theme} ${sentence}`));
    }
    return found;
  }

  async #isTooWide(): Promise<boolean> {
    await this.page.setViewportSize({ width: 375, height: 800 });
    const isTooWide = await this.page.evaluate('document.documentElement.scrollWidth > innerWidth');
    await this.page.setViewportSize({ width: 1280, height: 800 });
    return isTooWide as boolean;
  }

  close(): Promise<void> {
    return this.context.close();
  }
}

export const PASSWORD = 'a horse, a battery';

/** What a camera would read of the only QR code on the page. */
export async function scan(page: Page): Promise<string | undefined> {
  const png = await page.locator('svg.qr').screenshot();
  const pixels = (await page.evaluate(`(async () => {
    const bytes = Uint8Array.from(atob('${png.toString('base64')}'), (letter) => letter.charCodeAt(0));
    const image = await createImageBitmap(new Blob([bytes]));
    const context = new OffscreenCanvas(image.width, image.height).getContext('2d');
    context.drawImage(image, 0, 0);
    const { width, height, data } = context.getImageData(0, 0, image.width, image.height);
    return { width, height, data: [...data] };
  })()`)) as { width: number; height: number; data: number[] };
  return jsQr(Uint8ClampedArray.from(pixels.data), pixels.width, pixels.height)?.data;
}
