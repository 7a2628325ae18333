import type { Mutant } from './mutant.js';

/** What a use case would come to, before it is one. */
export const PREVIEWS: readonly Mutant[] = [
  {
    name: 'a preview promises a round more than starting them allows',
    file: 'apps/coordinator/src/use-case-previews.ts',
    from: 'costOf(Math.ceil((i + 1) / leaves))',
    to: 'costOf(Math.ceil(i / leaves))',
    tests: 'apps/coordinator/src/use-case-previews',
    rules: ['WIZ2'],
  },
  {
    name: 'anybody may ask for previews',
    file: 'apps/coordinator/src/previews.controller.ts',
    from: "  @RequireScope('use-cases:write')\n",
    to: '',
    tests: 'test/e2e/roles',
    rules: ['PRT2'],
  },
];
