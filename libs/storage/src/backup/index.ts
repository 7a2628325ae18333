export * from './backup-file.js';
export * from './dump-database.js';
export * from './load-database.js';
