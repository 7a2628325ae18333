/** `@starling/client` on Node: the front door, and what a device needs of Node. */
export * from '../index.js';
export * from './index.js';
