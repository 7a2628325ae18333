export * from './finished-rounds.js';
export * from './round-closing.js';
