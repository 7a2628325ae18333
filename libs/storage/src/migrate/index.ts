export * from './migrate.js';
export * from './roles.js';
