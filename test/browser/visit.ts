import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

import type { Person } from '../fixtures/person.js';
import type { TestStarling } from '../fixtures/starling.js';
import { windowOf } from './scene.js';

export interface Visit {
  readonly page: Page;
  /** what the page complained about, above all what its policy kept from it */
  readonly complaints: string[];
  readonly leave: () => Promise<void>;
}

export interface VisitOptions {
  /** null: nobody who signed in */
  readonly who: Person | null;
  readonly options?: BrowserContextOptions;
}

/** Opens a page of the dashboard in a window of its own. @param address  behind `/ui/` */
export async function visitAt(
  browser: Browser,
  starling: TestStarling,
  address: string,
  { who, options }: VisitOptions,
): Promise<Visit> {
  const context = await windowOf(browser, starling, who, options);
  const page = await context.newPage();
  page.setDefaultTimeout(60_000); // a busy machine
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => void (message.type() === 'error' && complaints.push(message.text())));
  await page.goto(`${starling.coordinator}/ui/${address}`);
  return { page, complaints, leave: () => context.close() };
}
