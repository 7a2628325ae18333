import type { Page } from 'playwright-core';

import { barriers } from '../browser/axe.js';

/* By day on a laptop, at night there, and with a phone: each with the rules that may come out otherwise than before. */
const READERS = [
  { colorScheme: 'light', width: 1280, rules: undefined },
  { colorScheme: 'dark', width: 1280, rules: 'colours' },
  { colorScheme: 'dark', width: 375, rules: 'no colours' },
] as const;

/** What keeps people out of the page that is open, a page of the site, in both themes. */
export async function barriersOfPage(page: Page): Promise<string[]> {
  // A colour that is still on its way to the other theme is neither.
  await page.addStyleTag({ content: '*, ::before, ::after { transition: none !important; }' });
  const found: string[] = [];
  for (const { colorScheme, width, rules } of READERS) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 800 });
    await page.locator(colorScheme === 'dark' ? 'html.dark' : 'html:not(.dark)').waitFor({ state: 'attached' });
    found.push(...(await barriers(page, rules)).map((sentence) => `${colorScheme}, ${width} px: ${sentence}`));
  }
  return found;
}
