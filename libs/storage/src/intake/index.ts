export * from './submissions.js';
