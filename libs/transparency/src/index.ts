export * from './errors.js';
export * from './frontier.js';
export * from './merkle-root.js';
export * from './proofs.js';
export * from './tiles.js';
export * from './tree-hash.js';
