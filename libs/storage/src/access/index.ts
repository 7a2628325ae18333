export * from './accounts.js';
export * from './api-keys.js';
export * from './audit-log.js';
export * from './invitations.js';
export * from './sessions.js';
