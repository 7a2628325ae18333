/**
 * Jest runs what tsc built (dist/): the tests exercise the very files that ship, worker
 * threads and child processes are found beside their callers, and nothing is transformed twice.
 * @type {import('jest').Config}
 */
export default {
  rootDir: 'dist',
  testMatch: ['<rootDir>/{apps,libs,test}/**/*.test.js'],
  testEnvironment: 'node',
  transform: {},
  maxWorkers: 2,
  testTimeout: 60_000,
};
