import type { Mutant } from './mutant.js';

/** What may be watched, and by whom. */
export const OBSERVABILITY: readonly Mutant[] = [
  {
    name: 'operations for everybody',
    file: 'apps/coordinator/src/operations.controller.ts',
    from: "  @RequireScope('operations:read')\n",
    to: '',
    tests: 'test/observability/operations',
    rules: ['OBS6'],
  },
  {
    name: 'metrics are rendered anew for whoever asks',
    file: 'libs/edge/src/health.ts',
    from: 'const STEP_MS = 500;',
    to: 'const STEP_MS = 0;',
    tests: 'test/observability/metrics',
    rules: ['OBS4'],
  },
  {
    name: 'a span says more than its round',
    file: 'libs/tracing/src/span-sender.ts',
    from: "  'starling.round': id,\n",
    to: "  'starling.round': id,\n  'starling.body': id,\n",
    tests: 'test/observability/traces',
    rules: ['OBS12'],
  },
  {
    name: 'a use case keeps its label for ever',
    file: 'libs/edge/src/use-case-counter.ts',
    from: 'if (this.#counts.size <= this.most) return;',
    to: 'if (this.#counts.size > 0) return;',
    tests: 'libs/edge/src/use-case-counter',
    rules: ['OBS2'],
  },
];
