export * from './durability.js';
export * from './listen.js';
export * from './pool.js';
export * from './storage-error.js';
