export * from './derived-keys.js';
export * from './manifests.js';
export * from './primary-keys.js';
export * from './use-case-drafts.js';
export * from './wrapping.js';
