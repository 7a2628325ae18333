export { appendLeaves } from './append-leaves.js';
export * from './log-tiles.js';
export * from './tree-heads.js';
export * from './unlogged-facts.js';
