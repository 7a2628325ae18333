export * from './incarnation.js';
export * from './migrate.js';
export * from './roles.js';
