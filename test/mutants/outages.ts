import type { Mutant } from './mutant.js';

const POOL = 'libs/storage/src/database/pool.ts';

/** What happens when PostgreSQL, a link or a disk does not do its part. */
export const OUTAGES: readonly Mutant[] = [
  {
    name: 'nobody listens to a connection with a transaction',
    file: POOL,
    from: "client.on('error', onBreak);",
    to: '',
    tests: 'test/storage/await-database',
    rules: ['LIF7'],
  },
  {
    name: 'a process is ready as long as it runs',
    file: 'libs/edge/src/readiness.ts',
    from: 'const missing = names.filter((_, i) => !holds[i]);',
    to: 'const missing = names.filter((_, i) => holds[i] === undefined);',
    tests: 'test/outage/lifecycle',
    rules: ['LIF1', 'LIF3'],
  },
  {
    name: 'a refused password is waited for for ever',
    file: 'libs/storage/src/database/await-database.ts',
    from: 'if (REFUSED.has(codeOf(error))) refusedSince ??= performance.now();',
    to: '',
    tests: 'test/storage/await-database',
    rules: ['LIF2'],
  },
  {
    name: 'a worker of the queue waits an hour for word of a job',
    file: 'libs/queue/src/backend.ts',
    from: 'const LONGEST_WAIT_S = 1;',
    to: 'const LONGEST_WAIT_S = 3600;',
    tests: 'test/outage/queue',
    rules: ['LIF9'],
  },
  {
    name: 'an epoch that was seen is forgotten',
    file: 'libs/storage/src/migrate/sql/0008-keys.sql',
    from: 'if shown is null or shown <= known then return known; end if;',
    to: 'if shown is null or shown <= known then return shown; end if;',
    tests: 'test/simulation/',
    rules: ['SIM1'],
  },
];
