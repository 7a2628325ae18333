export * from './merkle-root.js';
