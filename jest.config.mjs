/**
 * Jest runs what tsc built (dist/): the tests exercise the very files that ship, worker
 * threads and child processes are found beside their callers, and nothing is transformed twice.
 */
const common = { rootDir: 'dist', testEnvironment: 'node', transform: {} };

/**
 * `parts` need nothing but themselves; `whole` shares one PostgreSQL, started when one of its tests runs.
 * @type {import('jest').Config}
 */
export default {
  maxWorkers: 2,
  testTimeout: 180_000,
  projects: [
    {
      ...common,
      displayName: 'parts',
      testMatch: [
        '<rootDir>/{apps,libs,test/vectors,test/linkage,test/mutants,test/docs}/**/*.test.js',
        '<rootDir>/test/*.test.js',
      ],
    },
    {
      ...common,
      displayName: 'whole',
      testMatch: ['<rootDir>/test/*/**/*.test.js'],
      testPathIgnorePatterns: ['<rootDir>/test/(vectors|linkage|mutants|docs)/'],
      globalSetup: '<rootDir>/test/postgres.setup.js',
      globalTeardown: '<rootDir>/test/postgres.teardown.js',
    },
  ],
};
