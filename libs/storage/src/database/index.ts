export * from './await-database.js';
export * from './durability.js';
export * from './listen.js';
export * from './pool.js';
export * from './schema.js';
export * from './storage-error.js';
export * from './writable.js';
