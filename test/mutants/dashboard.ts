import type { Mutant } from './mutant.js';

/** What the dashboard does again and again: the page is built for each of these. */
export const DASHBOARD: readonly Mutant[] = [
  {
    name: 'rounds are listed with their counts, so that each count lists them anew',
    file: 'apps/dashboard/src/rounds/outline.ts',
    from: 'without(round, LIVE)',
    to: 'round',
    tests: 'test/browser/rounds-list',
    rules: ['DSH11'],
  },
  {
    name: 'the list of rounds is drawn for all that the page hears',
    file: 'apps/dashboard/src/overview/rounds-table.tsx',
    from: 'const last = usePage((page) => page.last);',
    to: 'const { last } = usePage((page) => page);',
    tests: 'test/browser/rounds-list',
    rules: ['DSH11'],
  },
];
