import type { Mutant } from './mutant.js';

/** What would make simulated figures look better, or worse, than the real ones. */
export const SIMULATION: readonly Mutant[] = [
  {
    name: 'simulated updates are not checked',
    file: 'apps/fleet/src/simulation/simulated-round.ts',
    from: 'check.finish();',
    to: '',
    tests: 'fleet/src/simulation/simulate-run',
    rules: ['SCN7'],
  },
  {
    name: 'simulated attackers need not clip',
    file: 'apps/fleet/src/simulation/simulated-round.ts',
    from: 'const clips = !byAttacker || this.settings.attackers!.clip;',
    to: 'const clips = !byAttacker;',
    tests: 'fleet/src/simulation/simulate-run',
    rules: ['SCN7'],
  },
  {
    name: 'a simulated quota does not count',
    file: 'apps/fleet/src/simulation/population.ts',
    from: 'for (const device of chosen) this.#left[device]! -= 1;',
    to: '',
    tests: 'fleet/src/simulation/simulate-run',
    rules: ['SCN6'],
  },
  {
    name: 'simulated noise forgets the sensitivity',
    file: 'apps/fleet/src/simulation/simulate-run.ts',
    from: 'deviation: sigma * sensitivity({ scale, clip }, dimension)',
    to: 'deviation: sigma * Math.min(1, sensitivity({ scale, clip }, dimension))',
    tests: 'fleet/src/simulation/simulate-run',
    rules: ['SCN9'],
  },
  {
    name: 'simulated strategies reckon in grid units',
    file: 'apps/fleet/src/simulation/cohort.ts',
    from: 'return aggregateInMemory(aggregator, inOrder, scale);',
    to: 'return aggregateInMemory(aggregator, inOrder).map((value) => value / scale);',
    tests: 'fleet/src/simulation/cohort',
    rules: ['SCN14'],
  },
  {
    name: 'a Multi-Krum that prefers the farthest',
    file: 'libs/learning/src/strategies/krum.ts',
    from: '.sort((a, b) => scores[a]! - scores[b]! || a - b)',
    to: '.sort((a, b) => scores[b]! - scores[a]! || a - b)',
    tests: 'fleet/src/simulation/robustness',
    rules: ['SCN11'],
  },
];
