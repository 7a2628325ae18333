export * from './file-body-store.js';
export * from './model-store.js';
