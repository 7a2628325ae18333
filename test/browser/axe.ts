import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

import type { Page } from 'playwright-core';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
/** Rules that hold on any page of ours; fewer, and axe-core looked at nothing. */
const FEWEST_PASSES = 8;

interface AxeResults {
  readonly passes: readonly unknown[];
  readonly violations: readonly {
    readonly id: string;
    readonly impact: string | null;
    readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
  }[];
}

/** Rules about colours, which take most of the time; the others do not depend on the theme. */
const COLOURS = ['color-contrast', 'link-in-text-block'] as const;

/**
 * What axe-core finds on a page that keeps people out: its serious and critical findings, each with its first element.
 *
 * @param rules  colours alone, or all but colours; everything when left out
 */
export async function barriers(page: Page, rules?: 'colours' | 'no colours'): Promise<string[]> {
  if (!(await page.evaluate("'axe' in globalThis"))) await page.evaluate(await readFile(AXE, 'utf8'));
  const { passes, violations } = (await page.evaluate(`axe.run(${JSON.stringify(optionsFor(rules))})`)) as AxeResults;
  if (rules !== 'colours' && passes.length < FEWEST_PASSES)
    throw new Error(`${page.url()}: axe-core looked at nothing`);
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(
      ({ id, nodes }) => `${id} ×${nodes.length}: ${nodes[0]?.html.slice(0, 200)} ${nodes[0]?.failureSummary ?? ''}`,
    );
}

function optionsFor(rules: 'colours' | 'no colours' | undefined): object {
  const resultTypes = ['violations'];
  if (rules === undefined) return { resultTypes };
  if (rules === 'colours') return { resultTypes, runOnly: COLOURS };
  return { resultTypes, rules: Object.fromEntries(COLOURS.map((rule) => [rule, { enabled: false }])) };
}
