export * from './ack-refusal.filter.js';
export * from './allowed-origins.js';
export * from './door.js';
export * from './health.js';
export * from './http-refusal.filter.js';
export * from './readiness.js';
export * from './refusal.js';
export * from './start-app.js';
