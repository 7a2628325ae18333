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
    from: 'const clips = !device.isAttacker || settings.attackers!.clip;',
    to: 'const clips = !device.isAttacker;',
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
    from: 'deviation: sigma * sensitivity({ scale, clip }, dimension, 1, encoding)',
    to: 'deviation: sigma * Math.min(1, sensitivity({ scale, clip }, dimension, 1, encoding))',
    tests: 'fleet/src/simulation/simulate-run',
    rules: ['SCN9'],
  },
  {
    name: 'attackers of a scenario through processes who clip though they should not',
    file: 'apps/fleet/src/simulation/processes/players.ts',
    from: 'const unclipped = one.isAttacker && !this.settings.attackers!.clip;',
    to: 'const unclipped = false;',
    tests: 'test/e2e/scenarios',
    rules: ['SCN30'],
  },
  {
    name: 'a scenario in the database that DATABASE_URL names',
    file: 'apps/cli/src/stack/database.ts',
    from: 'const given = ownDatabase ? undefined : givenDatabase();',
    to: 'const given = givenDatabase();',
    tests: 'test/e2e/scenarios',
    rules: ['SCN30'],
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
